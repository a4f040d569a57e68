# SPDX-License-Identifier: MIT
"""Completion for bash, zsh and fish, out of the command table (see generate.py)."""
import re

REMARK = "# Written by share/generate.py out of the program's tables (make generated).\n"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
# What the value of an option is, where the table has no words for it; by name, else by the
# word that stands for the value.
BY_NAME = {"root": "dir", "device": "interface", "pid": "pid", "netns": "netns",
           "peer-netns": "netns", "schema": "schema", "profile": "profile", "set": "key"}
BY_ARG = {"FILE": "file", "DIR": "dir", "IF": "interface", "PID": "pid"}
# Words of "summary FILE... | diff BEFORE AFTER".
BY_PLACE = {"FILE": "file", "BEFORE": "file", "AFTER": "file", "DIR": "dir",
            "PROFILE": "profile", "ID": "id", "METHOD": "method"}


class Tables:
    """What is offered: lists of words by name, and for each option and place which."""

    def __init__(self, ask, schemas):
        self.commands = ask("explain", "--commands")["commands"]
        checks = ask("explain", "--list")["checks"]
        reasons = [o["reason"] for c in checks for o in c["outcomes"] if o["reason"]]
        self.lists = {
            "id": sorted({c["id"] for c in checks} | set(reasons)),
            "profile": [p["name"] for p in ask("tune", "list")["profiles"]],
            "schema": schemas,
            "key": [t["id"] for t in ask("tune", "keys")["tunables"]],
            "method": METHODS,
        }

    def what(self, command, option):
        """("words", [...], several), ("file",) ...; None: nothing can be offered."""
        if option["values"]:
            return ("words", self.named(option["values"]), option["arg"] == "IDS")
        kind = BY_NAME.get(option["name"]) or BY_ARG.get(option["arg"])
        return self.kind(kind)

    def named(self, values):
        """Long lists go by a name, so that they stand in the script once."""
        if len(values) < 12:
            return values
        for name, words in self.lists.items():
            if words == values:
                return name
        name = "check" if "tls-module" in values else "cell"
        self.lists.setdefault(name, values)
        return name

    def kind(self, kind):
        if kind is None:
            return None
        return ("words", kind, False) if kind in self.lists else (kind,)

    def places(self, command):
        """Subcommands with what follows each; under None what follows the command itself."""
        found = {}
        for part in re.sub(r"[][.]", "", command["args"]).split("|"):
            words = part.split()
            sub = words.pop(0) if words and words[0].islower() else None
            kinds = [BY_PLACE[w] for w in words if w in BY_PLACE]
            if command["name"] == "tune" and sub == "revert":
                kinds = []
            found[sub] = self.kind(kinds[0]) if kinds else None
        return found


# --- bash --------------------------------------------------------------------------

BASH = r"""# bash completion for ktlsctl                                      -*- shell-script -*-
# SPDX-License-Identifier: MIT
%(remark)s
%(lists)s

_ktlsctl_words()
{
	COMPREPLY=($(compgen -W "$*" -- "$cur"))
}

# Several with commas between them: the last one is completed.
_ktlsctl_several()
{
	local before=
	[[ $cur != *,* ]] || before=${cur%%,*},
	COMPREPLY=($(compgen -P "$before" -W "$*" -- "${cur##*,}"))
	compopt -o nospace
}

_ktlsctl_keys()
{
	_ktlsctl_words "${_ktlsctl_key[@]/%%/=}"
	compopt -o nospace
}

_ktlsctl_files()
{
	compopt -o filenames
	COMPREPLY=($(compgen "$1" -- "$cur"))
}

_ktlsctl_names()
{
	local path
	local -a names=()
	for path in "$@"; do
		[[ ! -e $path ]] || names+=("${path##*/}")
	done
	_ktlsctl_words "${names[@]}"
}

# $1: command and option
_ktlsctl_value()
{
	case $1 in
%(values)s
	esac
}

# $1: command and, where it has some, subcommand
_ktlsctl_place()
{
	case $1 in
%(places)s
	esac
}

_ktlsctl_options()
{
	case $1 in
%(options)s
	esac
}

_ktlsctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=diagnose option= sub= i options
	local IFS=$' \t\n'

	COMPREPLY=()
	if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then
		_ktlsctl_words %(commands)s
		return
	fi
	[[ ${COMP_WORDS[1]} == -* ]] || command=${COMP_WORDS[1]}
	options=$(_ktlsctl_options "$command")
	# "--format=json" comes in three words, "--format json" in two.
	if [[ $cur == "=" ]]; then
		option=$prev cur=
	elif [[ $prev == "=" ]] && ((COMP_CWORD > 2)); then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ " $options " == *" $prev= "* ]]; then
		option=$prev
	fi
	if [[ $option ]]; then
		_ktlsctl_value "$command $option"
	elif [[ $cur == -* ]]; then
		_ktlsctl_words "${options//\?=/}"
		[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
	else
		for ((i = 2; i < COMP_CWORD; i++)); do
			[[ ${COMP_WORDS[i]} == [a-z]* && ${COMP_WORDS[i - 1]} != "=" ]] || continue
			[[ " $options " != *" ${COMP_WORDS[i - 1]}= "* ]] || continue
			sub=${COMP_WORDS[i]}
			break
		done
		_ktlsctl_place "$command $sub"
	fi
} &&
	complete -F _ktlsctl ktlsctl
"""


def bash_action(what):
    if what[0] == "words":
        words = what[1]
        given = " ".join(words) if isinstance(words, list) else f'"${{_ktlsctl_{words}[@]}}"'
        if words == "key" and not what[2]:
            return "_ktlsctl_keys"
        return ("_ktlsctl_several " if what[2] else "_ktlsctl_words ") + given
    return {"file": "_ktlsctl_files -f", "dir": "_ktlsctl_files -d",
            "interface": "_ktlsctl_names /sys/class/net/*",
            "netns": "_ktlsctl_names /run/netns/*",
            "pid": "_ktlsctl_names /proc/[0-9]*"}[what[0]]


def bash_cases(rows):
    """A case for each action, with all that it is for."""
    by_action = {}
    for pattern, action in rows:
        by_action.setdefault(action, []).append(pattern)
    lines = []
    for action, patterns in by_action.items():
        lines.append("\t" + " | \\\n\t\t".join(f'"{p}"' for p in patterns) + ")")
        lines.append(f"\t\t{action}\n\t\t;;")
    return "\n".join(lines)


def option_words(command):
    for o in command["options"]:
        yield f"--{o['name']}" + ("?=" if o["optional"] else "=" if o["arg"] else "")
        if o["letter"]:
            yield f"-{o['letter']}" + ("=" if o["arg"] else "")


def bash(t):
    values, places, options = [], [], []
    for c in t.commands:
        name = c["name"]
        for o in c["options"]:
            what = o["arg"] and t.what(c, o)
            if what:
                values.append((f"{name} --{o['name']}", bash_action(what)))
        offered = t.places(c)
        subs = [s for s in offered if s]
        if subs:
            places.append((f"{name} ", "_ktlsctl_words " + " ".join(subs)))
        for sub, what in offered.items():
            if what:
                places.append((f"{name} {sub}" if sub else f"{name} ", bash_action(what)))
        # What may be left out is offered without the sign as well.
        words = " ".join(option_words(c))
        options.append((name, f'echo "{words}"'))
    lists = "\n".join(f"_ktlsctl_{name}=({' '.join(words)})" for name, words in t.lists.items())
    return BASH % {"remark": REMARK, "lists": lists, "values": bash_cases(values),
                   "places": bash_cases(places), "options": bash_cases(options),
                   "commands": " ".join(c["name"] for c in t.commands)}


# --- zsh ---------------------------------------------------------------------------


def zsh_quote(text):
    return text.replace("'", "'\\''")


def zsh_help(text):
    return zsh_quote(re.sub(r"([][:\\])", r"\\\1", text))


def zsh_action(what):
    if not what:
        return ""
    if what[0] == "words":
        words = what[1]
        if isinstance(words, list):
            return f"({' '.join(words)})"
        if words == "key" and not what[2]:
            return "_ktlsctl_keys"
        return f"_ktlsctl_several {words}" if what[2] else f"_ktlsctl_words {words}"
    return {"file": "_files", "dir": "_files -/", "interface": "_net_interfaces",
            "netns": "_ktlsctl_netns", "pid": "_pids"}[what[0]]


def zsh_option(t, command, o):
    value = ""
    if o["arg"]:
        value = f"{':' if o['optional'] else ''}:{o['arg']}:{zsh_action(t.what(command, o))}"
        value = value.replace("ADDR:PORT", "ADDR\\:PORT")
    name = f"--{o['name']}" + ("=-" if o["optional"] else "=" if o["arg"] else "")
    again = "\\*" if o["name"] in ("only", "skip", "set", "header") else ""
    spec = f"[{zsh_help(o['help'])}]{zsh_quote(value)}"
    if o["letter"]:
        short = f"-{o['letter']}" + ("+" if o["arg"] else "")
        exclusive = "" if again else f"'(-{o['letter']} --{o['name']})'"
        return f"\t\t\t{exclusive}{again}{{{short},{name}}}'{spec}'"
    return f"\t\t\t'{'*' if again else ''}{name}{spec}'"


ZSH = r"""#compdef ktlsctl
# SPDX-License-Identifier: MIT
%(remark)s
local curcontext=$curcontext command=diagnose
local -a options places state line commands
typeset -A opt_args

%(lists)s

# The name of the list comes last, behind what _arguments has for compadd.
_ktlsctl_words() { compadd "${(@)argv[1,-2]}" -- ${(P)${:-_ktlsctl_$argv[-1]}} }
_ktlsctl_several() { _sequence compadd - ${(P)${:-_ktlsctl_$argv[-1]}} }
_ktlsctl_keys() { compadd "$@" -S = -- $_ktlsctl_key }
_ktlsctl_netns() { compadd "$@" -- /run/netns/*(N:t) }

commands=(
%(commands)s
)

if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
	_describe -t commands 'command' commands
	return
fi
if [[ $words[2] != -* ]]; then
	command=$words[2]
	shift words
	((CURRENT--))
fi
case $command in
%(cases)s
	*)
		return 1
		;;
esac
_arguments -s -S -C $options $places
"""


def zsh_places(t, c):
    offered = t.places(c)
    subs = [s for s in offered if s]
    if subs:
        rest = {zsh_action(what) for what in offered.values() if what}
        lines = [f"\t\t\t'1:what to do:({' '.join(subs)})'"]
        return lines + [f"\t\t\t'*::what:{zsh_quote(a)}'" for a in sorted(rest)]
    action = zsh_action(offered.get(None))
    return [f"\t\t\t'*:what:{zsh_quote(action)}'"] if action else []


def zsh(t):
    cases = []
    for c in t.commands:
        options = "\n".join(zsh_option(t, c, o) for o in c["options"])
        places = "\n".join(zsh_places(t, c))
        cases.append(f"\t{c['name']})\n\t\toptions=(\n{options}\n\t\t)\n"
                     f"\t\tplaces=(\n{places}\n\t\t)\n\t\t;;".replace("(\n\n\t\t)", "()"))
    lists = "\n".join(f"local -a _ktlsctl_{name}=({' '.join(words)})"
                      for name, words in t.lists.items())
    commands = "\n".join(f"\t'{c['name']}:{zsh_quote(c['summary'])}'" for c in t.commands)
    return ZSH % {"remark": REMARK, "lists": lists, "commands": commands,
                  "cases": "\n".join(cases)}


# --- fish --------------------------------------------------------------------------

FISH = r"""# fish completion for ktlsctl
# SPDX-License-Identifier: MIT
%(remark)s
# The command that is being written; diagnose needs no name.
function __ktlsctl_command
    set -l words (commandline -opc)
    if test (count $words) -gt 1; and not string match -q -- '-*' $words[2]
        echo $words[2]
    else
        echo diagnose
    end
end

function __ktlsctl_is
    test (__ktlsctl_command) = $argv[1]
end

function __ktlsctl_first
    test (count (commandline -opc)) -eq 1
end

# The first word behind the command that is no option.
function __ktlsctl_sub
    set -l words (commandline -opc)
    test (__ktlsctl_command) = $argv[1]; or return 1
    set -l rest (string match -v -- '-*' $words[3..-1])
    test "$rest[1]" = "$argv[2]"
end

function __ktlsctl_files_of
    for path in $argv
        test -e $path; and path basename $path 2>/dev/null; or basename $path
    end
end

%(lists)s

complete -c ktlsctl -f
%(rows)s
"""


def fish_quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_action(what):
    """Flags of complete(1)."""
    if not what:
        return "-x"
    if what[0] == "words":
        words = what[1]
        if isinstance(words, list):
            return f"-x -a {fish_quote(' '.join(words))}"
        if words == "key" and not what[2]:
            return "-x -a '(__ktlsctl_list_key | string replace -r \\'$\\' =)'"
        listed = f"__ktlsctl_list_{words}"
        return f"-x -a '(__fish_complete_list , {listed})'" if what[2] else f"-x -a '({listed})'"
    return {"file": "-r -F", "dir": "-x -a '(__fish_complete_directories)'",
            "interface": "-x -a '(__fish_print_interfaces)'",
            "netns": "-x -a '(command ls /run/netns 2>/dev/null)'",
            "pid": "-x -a '(__fish_complete_pids)'"}[what[0]]


def fish_option(t, c, o):
    row = f"complete -c ktlsctl -n '__ktlsctl_is {c['name']}'"
    row += f" -s {o['letter']}" if o["letter"] else ""
    row += f" -l {o['name']}"
    if o["arg"]:
        action = fish_action(t.what(c, o))
        row += " " + (action.replace("-x ", "", 1) if o["optional"] else action)
    return f"{row} -d {fish_quote(o['help'])}"


def fish_places(t, c):
    name, offered = c["name"], t.places(c)
    for sub, what in offered.items():
        if sub:
            yield f"complete -c ktlsctl -n '__ktlsctl_sub {name} \"\"' -a {sub}"
        if what:
            flags = fish_action(what).replace("-x ", "").replace("-r ", "")
            yield (f"complete -c ktlsctl -n '__ktlsctl_sub {name} {sub}' {flags}" if sub else
                   f"complete -c ktlsctl -n '__ktlsctl_is {name}; and not __ktlsctl_first' {flags}")


def fish(t):
    rows = [f"complete -c ktlsctl -n __ktlsctl_first -a {c['name']} -d {fish_quote(c['summary'])}"
            for c in t.commands]
    for c in t.commands:
        rows += [fish_option(t, c, o) for o in c["options"]]
        rows += fish_places(t, c)
    lists = "\n".join(f"function __ktlsctl_list_{name}\n    string split ' ' "
                      f"{fish_quote(' '.join(words))}\nend" for name, words in t.lists.items())
    return FISH % {"remark": REMARK, "lists": lists, "rows": "\n".join(rows)}
