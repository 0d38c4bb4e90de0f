"""Names that somebody might give who means harm, or none: all of them are texts, so all of them must work.

What they would do if one of them were taken for code is told by `ran`.
"""

from __future__ import annotations

import os
import re
import sys

MARK = "autograd_core_hostile_name_ran"
"""What a payload leaves behind in `sys.modules`, or as a file in the working directory."""

PYTHON = f"__import__('sys').modules['{MARK}'] = 1"
C = f'__attribute__((constructor)) static void payload(void) {{ fopen("{MARK}", "w"); }}'

BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
"""What some language or other takes for the end of a line."""

KINDS: dict[str, list[str]] = {
    "python, behind a line break": [f"w{line}    {PYTHON}" for line in BREAKS] + [f"w{line}{PYTHON}" for line in BREAKS],
    "python": [
        "__import__('os')", "lambda", "None", "print", "self", "v0", "run", "sources", "sinks", "holds", "inf", "nan",
        "op_sin", "__class__", "__builtins__", "{0.__class__}", "{}", "%s%n", "'''", '"""', "\\N{BULLET}", "${x}",
        f"'+{PYTHON}+'", f"{{{PYTHON}}}", f"x); {PYTHON}; (", "# coding: rot13", f"x\\\n{PYTHON}", "\x1a", "\ufeff",
    ],
    "c": [
        "w\\", "w??/", "w\\ ", "w\\\t", "w??/ ", "??/", "\\", "*/", "/*", "*/ int x; /*", "//", "??=define x y",
        f"w\n{C}", f"w*/ {C} /*", f"w\\\n\n{C}", f"w??/\n{C}", f"w\r{C}", "#include <x.h>", "\n#error no", "\n#define double int",
        "double", "malloc", "main", "i", "lengths", "_Pragma(\"x\")", "\\u000a#error", "%:define", "<:", '"', "'",
    ],
    "dot": [
        '"];v9 [label="x"', "]; }", "{a|b}", "\\n", "\\N", "\\G", "\\l", "->", "<b>bold</b>", "<<b>bold</b>>", "a:port", "/a/", "//",
        "layer 1/n1/w1", "strict digraph { a }", "<TABLE HREF=\"javascript:alert(1)\"><TR><TD>x</TD></TR></TABLE>", "node", "@x",
    ],
    "svg and html": [
        "</script><script>alert(1)</script>", "<script>alert(1)</script>", "<!--", "-->", "<!-- <script>", "<![CDATA[", "]]>", "&amp;", "&#39;",
        "&#x0a;", "&", "<", ">", "<b>", "<img src=x onerror=alert(1)>", "' onload='alert(1)", '" onload="alert(1)', "</title><script>",
        "</text><script>alert(1)</script>", "</svg>", "</style><script>", "javascript:alert(1)", "data:text/html,<script>", "${1}", "`${alert(1)}`",
        "$&", "<?xml version='1.1'?>", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "&e;", "/*DATA*/", "<!--SVG-->", "/*SCRIPT*/",
        "__proto__", "constructor", "toString", "\\u003c/script>", "</pre>", "</td></tr></table>", "</iframe>",
    ],
    "latex": [
        "$x$", "$$", "$", "100 %", "\\input{/etc/passwd}", "\\write18{touch x}", "\\end{align*}", "\\\\", "x_{1", "}", "{", "x^2", "x^{", "~", "#1", "&&",
        "\\def\\x{\\x}\\x", "\\csname x\\endcsname", "^^5cinput", "\\catcode`\\@=11", "x_1_2", "_", "^", "``", "''", "\\verb|x|", "\\text{", "-", "--",
    ],
    "pdf": ["(x) Tj", ")", "(", "\\)", "> Tj", "endstream", "endobj", "/JavaScript", "<< /S /JavaScript >>", "%%EOF", "BT", "ET"],
    "terminal": [
        "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1b[2J", "\x1b[1A\x1b[2K", "\x1bc", "\x9b31m", "\x9d0;t\x9c",
        "\x90q\x9c", "a\rb", "a\bb", "\x07", "\x00", "a\x00b", "\x7f", "\x80", "\t", "\x0e", "\x1b", "\u009b2J",
        "[red]x[/red]", "[/]", "[link=http://x]x[/link]", "[bold", "\\[red]", ":smile:",
    ],
    "writing": [
        "\u202egnp.exe", "\u202a", "\u202d", "\u2066x\u2069", "\u2067", "\u2069", "\u200f", "\u200e", "\u061c", "\u200b", "\u200d", "\u2060", "\xad", "\u180e", "\ufffe",
        "\uffff", "\ufff9", "\U000e0001", "\U000e0041", "\U0010ffff", "\ue000", "\u0300", "a\u0300\u0301\u0302\u0303", "\u0378",
        "\ud800", "\udc80", "\udfff", "\ud83d\ude00", "a\udcffb", "\u05d0\u05d1", "\u0627\u0644", "\u1e9e", "ﬁ", "²", "½", "Ⅷ", "٣", "x²", "ⅸ", "ͅ",
        "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "Ω", "Ω", "é", "e\u0301", "ı", "ß", "İ", "дом", "变量", "ㅤ", "\u3000", "\xa0", "𝐱", "ｘ",
    ],
    "files": [
        "..", ".", "../x", "/etc/passwd", "C:\\x", "CON", "nul", "a/b", "/", "//x", "x/", "~", "~root", "-", "-rf", "--help", "*", "?", "[a]", "x;y", "|x", "`x`", "$(x)",
        "x.json", ".hidden", "x\n.json", " x", "x ", "x.", "%00", "a" * 300, "ä" * 200,
    ],
    "none and much": ["", " ", "   ", "0", "1.5", "1e5", "-1", "x y", "a" * 5_000, "(" * 300, "[" * 2_000, "<" * 500, "\x1b" * 500, "\u202e" * 300, "é" * 1_000, "x\n" * 500],
    "spoofs of a program's text": ["x = 3", "x\n  v1 = sin(x)", "v1'1", "x'1", "x, y", "return x", "guard x is True  at x.py:1", "v", "x(2)", "x (2)"],
}  # fmt: skip

NAMES = list(dict.fromkeys([name for names in KINDS.values() for name in names]))

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")
"""What a terminal may obey, or shows in another order than it stands; of line breaks all but the usual one."""


def ran() -> bool:
    """Whether a name was taken for code."""
    return MARK in sys.modules or os.path.exists(MARK)


def is_inert(text: str) -> bool:
    """Whether a terminal shows `text` and does nothing else."""
    return CONTROLS.search(text) is None
