# Completes PacketBuddy's `pb` in fish. Made by scripts/generate.py out of the commands themselves.

# The command and the arguments before the word that is completed, without options and what belongs to them.
function __pb_words
    set -l option ''
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option ''
        else if contains -- $word @VALUED@
            set option $word
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# Whether a command stands on the line and, where a place is given, an argument of that number is completed.
function __pb_at
    set -l words (__pb_words)
    test "$words[1]" = $argv[1]; or return 1
    not set -q argv[2]; or test (count $words) -eq $argv[2]
end

function __pb_bare
    test (count (__pb_words)) -eq 0
end

function __pb_ask
    set -l program (commandline -opc)[1]
    if string match -q -- '~/*' $program
        set program $HOME(string sub -s 2 -- $program)
    end
    command -q -- $program; or return # fish itself would complain of one that is not there
    command $program completion --values $argv[1] 2>/dev/null
end

# `config get KEY`, `config set KEY VALUE`, `plan set KEY VALUE KEY VALUE …`
function __pb_settings
    set -l words (__pb_words)
    contains -- "$words[2]" get set; or return
    if test (math (count $words) % 2) -eq 1
        __pb_setting $words[1]:$words[-1]
    else if test $words[1] = plan
        printf '%s\n' @PLAN@
    else
        printf '%s\n' @CONFIG@
    end
end

# What may stand behind the key of a setting.
function __pb_setting
    switch $argv[1]
@SETTINGS@
    end
end

complete -c pb -f
@COMPLETIONS@
