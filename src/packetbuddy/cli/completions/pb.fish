# Completes PacketBuddy's `pb` in fish. Made by scripts/generate.py out of the commands themselves.

# The command and the arguments before the word that is completed, without options and what belongs to them.
function __pb_words
    set -l option ''
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option ''
        else if contains -- $word --accept --by --device --dialect --format --from --interface --isp --output --plan --reason --received --reject --remove --sent --to --top --undo --values --year --zone -n
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
        printf '%s\n' name cap cycle starts interfaces devices off_peak off_peak_counts rollover tiers overage_rate already_used alerts
    else
        printf '%s\n' api.host api.port api.allowed_hosts api.cors_enabled api.idle_timeout monitoring.poll_interval monitoring.batch_write_interval monitoring.battery_saver monitoring.interface monitoring.max_rate sync.enabled sync.interval sync.idle_interval sync.url cost.rate_per_gb cost.currency cost.unit plan.name plan.cap plan.cycle plan.starts plan.interfaces plan.devices plan.off_peak plan.off_peak_counts plan.rollover plan.tiers plan.overage_rate plan.already_used plan.alerts alerts.notify alerts.command display.units display.speed display.timezone storage.detail_days storage.backups auto_update.enabled auto_update.check_on_startup auto_update.auto_apply auto_update.auto_restart auto_update.check_interval_hours auto_update.source auto_update.signer
    end
end

# What may stand behind the key of a setting.
function __pb_setting
    switch $argv[1]
        case config:api.host
            printf '%s\n' 127.0.0.1 localhost
        case config:api.cors_enabled
            printf '%s\n' true false
        case config:monitoring.battery_saver
            printf '%s\n' true false
        case config:monitoring.interface
            __pb_ask interfaces
        case config:monitoring.max_rate
            printf '%s\n' auto
        case config:sync.enabled
            printf '%s\n' auto true false
        case config:cost.unit
            printf '%s\n' GB GiB
        case config:plan.cycle
            printf '%s\n' monthly weekly daily prepaid
        case config:plan.interfaces
            __pb_ask interfaces
        case config:plan.devices
            __pb_ask devices
        case config:plan.rollover
            printf '%s\n' true false
        case config:alerts.notify
            printf '%s\n' desktop
        case config:display.units
            printf '%s\n' decimal binary windows
        case config:display.speed
            printf '%s\n' bytes bits
        case config:display.timezone
            __pb_ask zones
        case config:auto_update.enabled
            printf '%s\n' true false
        case config:auto_update.check_on_startup
            printf '%s\n' true false
        case config:auto_update.auto_apply
            printf '%s\n' true false
        case config:auto_update.auto_restart
            printf '%s\n' true false
        case plan:cycle
            printf '%s\n' monthly weekly daily prepaid
        case plan:interfaces
            __pb_ask interfaces
        case plan:devices
            __pb_ask devices
        case plan:rollover
            printf '%s\n' true false
    end
end

complete -c pb -f
complete -c pb -n __pb_bare -s h -l help -d 'what the command takes'
complete -c pb -n __pb_bare -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n __pb_bare -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n __pb_bare -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a today -d 'what moved today, and what it costs'
complete -c pb -n '__pb_at today' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at today' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at today' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at today' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a summary -d 'everything since tracking began'
complete -c pb -n '__pb_at summary' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at summary' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at summary' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at summary' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a month -d 'a row per day of a month'
complete -c pb -n '__pb_at month' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at month' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at month' -l cycle -d 'the plan\'s cycle that begins in that month, or this one'
complete -c pb -n '__pb_at month' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at month' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a range -d 'a row per day between two dates'
complete -c pb -n '__pb_at range' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at range' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at range' -l from -x -a 'today yesterday' -d 'first day: YYYY-MM-DD, today or yesterday'
complete -c pb -n '__pb_at range' -l to -x -a 'today yesterday' -d 'last day (default: today)'
complete -c pb -n '__pb_at range' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at range' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a usage -d 'usage by hour, day, week, month, year or cycle'
complete -c pb -n '__pb_at usage' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at usage' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at usage' -l by -x -a '5min hour day week month year cycle' -d '5min, hour, day, week, month, year, cycle (default: day)'
complete -c pb -n '__pb_at usage' -l from -x -a 'today yesterday' -d 'first day: YYYY-MM-DD, today or yesterday (default: all)'
complete -c pb -n '__pb_at usage' -l to -x -a 'today yesterday' -d 'last day, included (default: today)'
complete -c pb -n '__pb_at usage' -l top -x -d 'only the N biggest, biggest first'
complete -c pb -n '__pb_at usage' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at usage' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a live -d 'the speed now, as a picture that moves'
complete -c pb -n '__pb_at live' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at live' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at live' -l once -d 'one measurement instead of one each second'
complete -c pb -n '__pb_at live' -l plain -d 'a line each second, as in a pipe'
complete -c pb -n '__pb_at live' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at live' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a top -d 'which programs talk now; live only, nothing is stored'
complete -c pb -n '__pb_at top' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at top' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at top' -l once -d 'one measurement instead of one each second'
complete -c pb -n '__pb_at top' -l plain -d 'a block of lines each second, as in a pipe'
complete -c pb -n __pb_bare -a plan -d 'what is left of the data plan, and whether it lasts'
complete -c pb -n '__pb_at plan' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at plan' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at plan' -l plan -x -a '(__pb_ask plans)' -d 'only this plan, where there are several'
complete -c pb -n '__pb_at plan' -l check -d 'exit code 4 when a plan is used up'
complete -c pb -n '__pb_at plan' -l test-alert -d 'send a test message to every channel'
complete -c pb -n '__pb_at plan' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at plan' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n '__pb_at plan 1' -a 'set'
complete -c pb -n '__pb_at plan' -a '(__pb_settings)'
complete -c pb -n __pb_bare -a reconcile -d 'our figure beside the ISP\'s, and why they differ'
complete -c pb -n '__pb_at reconcile' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at reconcile' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at reconcile' -l isp -x -d 'what the ISP says was used, such as "812 GB"'
complete -c pb -n '__pb_at reconcile' -l from -x -a 'today yesterday' -d 'first day of the bill: YYYY-MM-DD, today or yesterday'
complete -c pb -n '__pb_at reconcile' -l to -x -a 'today yesterday' -d 'last day, included (default: today)'
complete -c pb -n '__pb_at reconcile' -l list -d 'all earlier readings, for a dispute'
complete -c pb -n '__pb_at reconcile' -l remove -x -d 'forget the reading with this number: it was a mistake'
complete -c pb -n '__pb_at reconcile' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at reconcile' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a interfaces -d 'every interface, counted or not, and why'
complete -c pb -n '__pb_at interfaces' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at interfaces' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at interfaces' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at interfaces' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a why -d 'how a day\'s number came about; decide doubts'
complete -c pb -n '__pb_at why' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at why' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at why' -l accept -x -d 'count the doubt with this number'
complete -c pb -n '__pb_at why' -l reject -x -d 'leave the doubt with this number out for good'
complete -c pb -n '__pb_at why' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at why' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n '__pb_at why 1' -a 'today yesterday'
complete -c pb -n __pb_bare -a correct -d 'set a day\'s figures right, with an audit trail'
complete -c pb -n '__pb_at correct' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at correct' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at correct' -l sent -x -d 'what was really uploaded that day, such as "1.5 GB"'
complete -c pb -n '__pb_at correct' -l received -x -d 'what was really downloaded that day'
complete -c pb -n '__pb_at correct' -l reason -x -d 'why, for the audit trail'
complete -c pb -n '__pb_at correct' -l undo -d 'take the day\'s last correction back'
complete -c pb -n '__pb_at correct' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at correct' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n '__pb_at correct 1' -a 'today yesterday'
complete -c pb -n __pb_bare -a export -d 'CSV, JSON, Markdown, TOON, or the year as a page to share'
complete -c pb -n '__pb_at export' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at export' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at export' -l format -x -a 'csv json html markdown toon' -d 'csv, json, html, markdown, toon (default: the file\'s ending, or json)'
complete -c pb -n '__pb_at export' -l output -r -F -d 'write this file, a folder, or - for stdout'
complete -c pb -n '__pb_at export' -l from -x -a 'today yesterday' -d 'first day: YYYY-MM-DD, today or yesterday (default: all)'
complete -c pb -n '__pb_at export' -l to -x -a 'today yesterday' -d 'last day, included (default: today)'
complete -c pb -n '__pb_at export' -l year -x -d 'only this year; html without: this one, in January the last'
complete -c pb -n '__pb_at export' -l redact -d 'leave the machine\'s name out'
complete -c pb -n '__pb_at export' -l dialect -x -a 'official' -d 'of toon: the public Token-Oriented Object Notation'
complete -c pb -n '__pb_at export' -l llm -d 'for a language model: the same as --format toon'
complete -c pb -n '__pb_at export' -l device -x -a '(__pb_ask devices)' -d 'this (default), all, or a device\'s name'
complete -c pb -n '__pb_at export' -l interface -x -a '(__pb_ask interfaces)' -d 'only this interface, counted or not'
complete -c pb -n __pb_bare -a import -d 'take usage over from another file'
complete -c pb -n '__pb_at import' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at import' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at import' -l apply -d 'do it; without this it is only shown'
complete -c pb -n '__pb_at import' -l interface -x -a '(__pb_ask interfaces)' -d 'of vnStat\'s: this one; may be repeated'
complete -c pb -n '__pb_at import' -l zone -x -a '(__pb_ask zones)' -d 'the time zone of the file\'s local times (default: yours)'
complete -c pb -n '__pb_at import' -l list -d 'show what was imported'
complete -c pb -n '__pb_at import' -l undo -x -d 'take the import with this number back'
complete -c pb -n '__pb_at import 1' -F
complete -c pb -n __pb_bare -a backup -d 'a verified copy of everything counted, while the service runs'
complete -c pb -n '__pb_at backup' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at backup' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at backup 1' -F
complete -c pb -n __pb_bare -a restore -d 'put a backup in place of what is counted'
complete -c pb -n '__pb_at restore' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at restore' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at restore 1' -F
complete -c pb -n __pb_bare -a devices -d 'every device and what it moved; rename or forget one'
complete -c pb -n '__pb_at devices' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at devices' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at devices' -l yes -d 'forget: do not ask'
complete -c pb -n '__pb_at devices 1' -a 'list rename retire forget'
complete -c pb -n '__pb_at devices 2' -a '(__pb_ask devices)'
complete -c pb -n __pb_bare -a sync -d 'synchronise with other devices, or see how that stands'
complete -c pb -n '__pb_at sync' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at sync' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at sync 1' -a 'now status sql'
complete -c pb -n __pb_bare -a dashboard -d 'open the dashboard in the browser'
complete -c pb -n '__pb_at dashboard' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at dashboard' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at dashboard' -l print -d 'only print the address, open nothing'
complete -c pb -n __pb_bare -a doctor -d 'what is wrong here, and what to do about it'
complete -c pb -n '__pb_at doctor' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at doctor' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n __pb_bare -a config -d 'show, get, set or check the settings'
complete -c pb -n '__pb_at config' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at config' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at config 1' -a 'show get set check path'
complete -c pb -n '__pb_at config' -a '(__pb_settings)'
complete -c pb -n __pb_bare -a serve -d 'count in the foreground, with the dashboard'
complete -c pb -n '__pb_at serve' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at serve' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n __pb_bare -a service -d 'install, start, stop or look at the background service'
complete -c pb -n '__pb_at service' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at service' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at service' -s n -x -d 'logs: how many lines (default 50)'
complete -c pb -n '__pb_at service' -s f -d 'logs: go on with new lines until Ctrl-C'
complete -c pb -n '__pb_at service' -l pause -d 'stop: leave out what moves until the next start'
complete -c pb -n '__pb_at service' -l purge -d 'uninstall: delete all that was counted, too'
complete -c pb -n '__pb_at service' -l yes -d 'install, uninstall: ask nothing'
complete -c pb -n '__pb_at service 1' -a 'install uninstall start stop restart status logs'
complete -c pb -n __pb_bare -a update -d 'bring PacketBuddy up to date, or go back'
complete -c pb -n '__pb_at update' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at update' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at update' -l check-only -d 'only tell what there is'
complete -c pb -n '__pb_at update' -l force -d 'install once more, also what did not hold'
complete -c pb -n '__pb_at update' -l rollback -d 'go back to the version before'
complete -c pb -n __pb_bare -a watchdog -d 'start a service that hangs anew'
complete -c pb -n '__pb_at watchdog' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at watchdog' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at watchdog' -l once -d 'look once and end, for a scheduled task'
complete -c pb -n __pb_bare -a completion -d 'the script that completes pb in your shell'
complete -c pb -n '__pb_at completion' -s h -l help -d 'what the command takes'
complete -c pb -n '__pb_at completion' -l json -d 'one JSON value on stdout instead of text'
complete -c pb -n '__pb_at completion' -l values -x -a 'devices interfaces plans zones' -d 'for the scripts: the names that there are, one a line'
complete -c pb -n '__pb_at completion 1' -a 'bash zsh fish powershell'
