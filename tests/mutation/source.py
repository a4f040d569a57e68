# SPDX-License-Identifier: MIT
"""Every comparison and condition of a C file, each with a switch that turns it over.

All mutants of all files are compiled into one program; MUTANT=number chooses one (mutant.h).
So nothing is compiled per mutant, and what a test never reaches is known beforehand.
"""
import re

TOKEN = re.compile(r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/) |
    (?P<directive>^[ \t]*\#(?:[^\n\\]|\\\n|\\.)*) |
    (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*') |
    (?P<word>\w+) |
    (?P<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
    """, re.X | re.S | re.M)
BINARY = {"*": 10, "/": 10, "%": 10, "+": 9, "-": 9, "<<": 8, ">>": 8, "<": 7, "<=": 7, ">": 7,
          ">=": 7, "==": 6, "!=": 6, "&": 5, "^": 4, "|": 3, "&&": 2, "||": 1, "?": 0, ":": 0}
ASSIGN = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
COMPARE = {"<", "<=", ">", ">=", "==", "!="}
TURNED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MOVED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}
STOP = {",", ";", "return", "case", "else", "do", "goto"}


class Mutant:
    def __init__(self, path, line, before, after, function):
        self.path, self.line, self.function = path, line, function
        self.before, self.after = before, after
        self.number = 0

    def key(self):
        """What it is called in the list of equivalent ones: no line number, which moves."""
        return f"{self.path} {self.function}: {self.before} -> {self.after}"

    def __str__(self):
        return f"{self.path}:{self.line} {self.function}: {self.before} -> {self.after}"


class Source:
    """The text of a file with a switch at each place; mutants are numbered from first."""

    def __init__(self, path, text, first):
        self.path, self.text, self.next = path, text, first
        self.tokens = [m for m in TOKEN.finditer(text)
                       if m.lastgroup not in ("space", "directive")]
        self.words = [t.group() for t in self.tokens]
        self.match = self.brackets()
        self.mutants = []
        self.puts = []  # (offset, order, length that is replaced, text)
        for name, first_token, last_token in self.functions():
            self.function = name
            self.body(first_token, last_token)

    def brackets(self):
        match, stack = {}, []
        for i, word in enumerate(self.words):
            if word in OPEN:
                stack.append(i)
            elif word in CLOSE:
                match[i] = stack.pop()
                match[match[i]] = i
        return match

    def functions(self):
        """(name, {, }): a brace in column 0."""
        for i, word in enumerate(self.words):
            start = self.tokens[i].start()
            if word == "{" and (start == 0 or self.text[start - 1] == "\n"):
                yield self.words[self.match[i - 1] - 1], i, self.match[i]

    def skipped(self, first, last):
        """Tokens that must stay constant: tables, and labels of a switch."""
        out = set()
        for i in range(first, last):
            if self.words[i] in ("static", "case", "sizeof", "_Static_assert"):
                end = i
                while self.words[end] not in (";", ":") and end < last:
                    end = self.match[end] + 1 if self.words[end] in OPEN else end + 1
                    if self.words[i] == "sizeof" and self.words[end - 1] == ")":
                        break
                out |= set(range(i, end))
        return out

    def body(self, first, last):
        skip = self.skipped(first, last)
        loops = set()
        for i in range(first, last):
            if self.words[i] == "for":
                loops |= set(range(i, self.match[i + 1]))
        for i in range(first + 1, last):
            if i in skip:
                continue
            word = self.words[i]
            if word in COMPARE:
                self.comparison(i, i in loops)
            elif word in ("&&", "||"):
                self.junction(i)
            elif word == "?":
                self.condition(self.left(i), i - 1)
            elif word in ("if", "while"):
                self.condition(i + 2, self.match[i + 1] - 1)

    def is_binary(self, i):
        """Also the sign of a pointer or of a number can stand here."""
        before = self.words[i - 1]
        return before in (")", "]") or re.match(r"[\w\"']", before) and \
            before not in ("return", "case", "else", "sizeof")

    def left(self, i):
        """The first token of the operand that ends before the operator i."""
        own, at = BINARY[self.words[i]], i - 1
        while True:
            word = self.words[at]
            if word in CLOSE:
                if word == "}" and self.words[self.match[at] - 1] != ")":
                    return at + 1
                at = self.match[at] - 1
                continue
            if word in OPEN or word in STOP or word in ASSIGN:
                return at + 1
            if word in BINARY and self.is_binary(at) and BINARY[word] < own:
                return at + 1
            if word in ("?", ":"):
                return at + 1
            at -= 1

    def right(self, i):
        """The last token of the operand that begins behind the operator i."""
        own, at = BINARY[self.words[i]], i + 1
        while True:
            word = self.words[at]
            if word in OPEN:
                at = self.match[at] + 1
                continue
            if word in CLOSE or word in STOP or word in ASSIGN or word in ("?", ":"):
                return at - 1
            if word in BINARY and self.is_binary(at) and BINARY[word] <= own:
                return at - 1
            at += 1

    def between(self, a, b):
        return re.sub(r"\s+", " ", self.text[self.tokens[a].start():self.tokens[b].end()])

    def add(self, a, before, after):
        line = self.text.count("\n", 0, self.tokens[a].start()) + 1
        m = Mutant(self.path, line, before, after, self.function)
        m.number = self.next
        self.next += 1
        self.mutants.append(m)
        return m.number

    def put(self, at, order, length, text):
        self.puts.append((at, order, length, text))

    def wrap(self, a, b, head, tail):
        """Round the tokens a to b: the wider one is outside."""
        start, end = self.tokens[a].start(), self.tokens[b].end()
        self.put(start, (1, -end), 0, head)
        self.put(end, (0, -start), 0, tail)

    def comparison(self, i, loop):
        a, b, word = self.left(i), self.right(i), self.words[i]
        left, right = self.between(a, i - 1), self.between(i + 1, b)
        number = self.add(a, f"{left} {word} {right}", TURNED[word])
        at = self.tokens[i].start()
        # One round too many reads behind an array: that is the sanitizers' to see.
        if word in MOVED and not loop:
            self.add(a, f"{left} {word} {right}", MOVED[word])
            self.wrap(a, b, f"MUTANT_ORDER({number}, (", "))")
            self.put(at, (2, 0), len(word), f"), {word}, {MOVED[word]}, (")
        else:
            self.wrap(a, b, f"MUTANT_NOT({number}, (", "))")
            self.put(at, (2, 0), len(word), f") {word} (")

    def junction(self, i):
        a, b, word = self.left(i), self.right(i), self.words[i]
        other = "||" if word == "&&" else "&&"
        number = self.add(a, f"{self.between(a, i - 1)} {word} {self.between(i + 1, b)}", other)
        macro = "MUTANT_AND" if word == "&&" else "MUTANT_OR"
        self.wrap(a, b, f"{macro}({number}, (", "))")
        self.put(self.tokens[i].start(), (2, 0), 2, "), (")
        self.condition(a, i - 1)
        self.condition(i + 1, b)

    def condition(self, a, b):
        """Negated as a whole, unless it is itself a comparison, or one and another."""
        if a + 2 <= b and self.words[a] == "(" and self.match[a] == b:
            return self.condition(a + 1, b - 1)
        at = a
        while at <= b:
            if self.words[at] in OPEN:
                at = self.match[at]
            elif self.words[at] in COMPARE or self.words[at] in ("&&", "||", ","):
                return None
            at += 1
        number = self.add(a, self.between(a, b), "negated")
        self.wrap(a, b, f"MUTANT_NOT({number}, (", "))")
        return None

    def result(self):
        out, last = ['#include "mutant.h"\n#line 1\n'], 0
        for at, _, length, text in sorted(self.puts, key=lambda p: p[:2]):
            out += [self.text[last:at], text]
            last = at + length
        return "".join(out + [self.text[last:]])
