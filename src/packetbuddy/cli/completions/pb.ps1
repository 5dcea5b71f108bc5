# Completes PacketBuddy's `pb` in PowerShell. Made by scripts/generate.py out of the commands themselves.

Register-ArgumentCompleter -Native -CommandName pb, pb.exe, pb.cmd -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commands = [ordered]@{
        'today' = 'what moved today, and what it costs'
        'summary' = 'everything since tracking began'
        'month' = 'a row per day of a month'
        'range' = 'a row per day between two dates'
        'usage' = 'usage by hour, day, week, month, year or cycle'
        'live' = 'the speed now, as a picture that moves'
        'top' = 'which programs talk now; live only, nothing is stored'
        'plan' = 'what is left of the data plan, and whether it lasts'
        'reconcile' = 'our figure beside the ISP''s, and why they differ'
        'interfaces' = 'every interface, counted or not, and why'
        'why' = 'how a day''s number came about; decide doubts'
        'correct' = 'set a day''s figures right, with an audit trail'
        'export' = 'CSV, JSON, Markdown, TOON, or the year as a page to share'
        'import' = 'take usage over from another file'
        'backup' = 'a verified copy of everything counted, while the service runs'
        'restore' = 'put a backup in place of what is counted'
        'devices' = 'every device and what it moved; rename or forget one'
        'sync' = 'synchronise with other devices, or see how that stands'
        'dashboard' = 'open the dashboard in the browser'
        'doctor' = 'what is wrong here, and what to do about it'
        'config' = 'show, get, set or check the settings'
        'serve' = 'count in the foreground, with the dashboard'
        'service' = 'install, start, stop or look at the background service'
        'update' = 'bring PacketBuddy up to date, or go back'
        'watchdog' = 'start a service that hangs anew'
        'completion' = 'the script that completes pb in your shell'
    }
    # Options of a command, and what each does.
    $options = @{
        '' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'today' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'summary' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'month' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--cycle' = 'the plan''s cycle that begins in that month, or this one'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'range' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--from' = 'first day: YYYY-MM-DD, today or yesterday'
            '--to' = 'last day (default: today)'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'usage' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--by' = '5min, hour, day, week, month, year, cycle (default: day)'
            '--from' = 'first day: YYYY-MM-DD, today or yesterday (default: all)'
            '--to' = 'last day, included (default: today)'
            '--top' = 'only the N biggest, biggest first'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'live' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--once' = 'one measurement instead of one each second'
            '--plain' = 'a line each second, as in a pipe'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'top' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--once' = 'one measurement instead of one each second'
            '--plain' = 'a block of lines each second, as in a pipe'
        }
        'plan' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--plan' = 'only this plan, where there are several'
            '--check' = 'exit code 4 when a plan is used up'
            '--test-alert' = 'send a test message to every channel'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'reconcile' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--isp' = 'what the ISP says was used, such as "812 GB"'
            '--from' = 'first day of the bill: YYYY-MM-DD, today or yesterday'
            '--to' = 'last day, included (default: today)'
            '--list' = 'all earlier readings, for a dispute'
            '--remove' = 'forget the reading with this number: it was a mistake'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'interfaces' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'why' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--accept' = 'count the doubt with this number'
            '--reject' = 'leave the doubt with this number out for good'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'correct' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--sent' = 'what was really uploaded that day, such as "1.5 GB"'
            '--received' = 'what was really downloaded that day'
            '--reason' = 'why, for the audit trail'
            '--undo' = 'take the day''s last correction back'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'export' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--format' = 'csv, json, html, markdown, toon (default: the file''s ending, or json)'
            '--output' = 'write this file, a folder, or - for stdout'
            '--from' = 'first day: YYYY-MM-DD, today or yesterday (default: all)'
            '--to' = 'last day, included (default: today)'
            '--year' = 'only this year; html without: this one, in January the last'
            '--redact' = 'leave the machine''s name out'
            '--dialect' = 'of toon: the public Token-Oriented Object Notation'
            '--llm' = 'for a language model: the same as --format toon'
            '--device' = 'this (default), all, or a device''s name'
            '--interface' = 'only this interface, counted or not'
        }
        'import' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--apply' = 'do it; without this it is only shown'
            '--interface' = 'of vnStat''s: this one; may be repeated'
            '--zone' = 'the time zone of the file''s local times (default: yours)'
            '--list' = 'show what was imported'
            '--undo' = 'take the import with this number back'
        }
        'backup' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
        }
        'restore' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
        }
        'devices' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--yes' = 'forget: do not ask'
        }
        'sync' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
        }
        'dashboard' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--print' = 'only print the address, open nothing'
        }
        'doctor' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
        }
        'config' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
        }
        'serve' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
        }
        'service' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '-n' = 'logs: how many lines (default 50)'
            '-f' = 'logs: go on with new lines until Ctrl-C'
            '--pause' = 'stop: leave out what moves until the next start'
            '--purge' = 'uninstall: delete all that was counted, too'
            '--yes' = 'install, uninstall: ask nothing'
        }
        'update' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--check-only' = 'only tell what there is'
            '--force' = 'install once more, also what did not hold'
            '--rollback' = 'go back to the version before'
        }
        'watchdog' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--once' = 'look once and end, for a scheduled task'
        }
        'completion' = [ordered]@{
            '-h' = 'what the command takes'
            '--help' = 'what the command takes'
            '--json' = 'one JSON value on stdout instead of text'
            '--values' = 'for the scripts: the names that there are, one a line'
        }
    }
    # What may stand behind COMMAND:OPTION, or in the place COMMAND:1, COMMAND:2 of an argument.
    $kinds = @{
        ':--device' = @('devices')
        ':--interface' = @('interfaces')
        'today:--device' = @('devices')
        'today:--interface' = @('interfaces')
        'summary:--device' = @('devices')
        'summary:--interface' = @('interfaces')
        'month:--device' = @('devices')
        'month:--interface' = @('interfaces')
        'month:1' = @('free')
        'range:--from' = @('words', 'today', 'yesterday')
        'range:--to' = @('words', 'today', 'yesterday')
        'range:--device' = @('devices')
        'range:--interface' = @('interfaces')
        'usage:--by' = @('words', '5min', 'hour', 'day', 'week', 'month', 'year', 'cycle')
        'usage:--from' = @('words', 'today', 'yesterday')
        'usage:--to' = @('words', 'today', 'yesterday')
        'usage:--top' = @('free')
        'usage:--device' = @('devices')
        'usage:--interface' = @('interfaces')
        'live:--device' = @('devices')
        'live:--interface' = @('interfaces')
        'plan:--plan' = @('plans')
        'plan:--device' = @('devices')
        'plan:--interface' = @('interfaces')
        'plan:1' = @('words', 'set')
        'plan:*' = @('settings')
        'reconcile:--isp' = @('free')
        'reconcile:--from' = @('words', 'today', 'yesterday')
        'reconcile:--to' = @('words', 'today', 'yesterday')
        'reconcile:--remove' = @('free')
        'reconcile:--device' = @('devices')
        'reconcile:--interface' = @('interfaces')
        'interfaces:--device' = @('devices')
        'interfaces:--interface' = @('interfaces')
        'why:--accept' = @('free')
        'why:--reject' = @('free')
        'why:--device' = @('devices')
        'why:--interface' = @('interfaces')
        'why:1' = @('words', 'today', 'yesterday')
        'correct:--sent' = @('free')
        'correct:--received' = @('free')
        'correct:--reason' = @('free')
        'correct:--device' = @('devices')
        'correct:--interface' = @('interfaces')
        'correct:1' = @('words', 'today', 'yesterday')
        'export:--format' = @('words', 'csv', 'json', 'html', 'markdown', 'toon')
        'export:--output' = @('files')
        'export:--from' = @('words', 'today', 'yesterday')
        'export:--to' = @('words', 'today', 'yesterday')
        'export:--year' = @('free')
        'export:--dialect' = @('words', 'official')
        'export:--device' = @('devices')
        'export:--interface' = @('interfaces')
        'import:--interface' = @('interfaces')
        'import:--zone' = @('zones')
        'import:--undo' = @('free')
        'import:1' = @('files')
        'backup:1' = @('files')
        'restore:1' = @('files')
        'devices:1' = @('words', 'list', 'rename', 'retire', 'forget')
        'devices:2' = @('devices')
        'devices:3' = @('free')
        'sync:1' = @('words', 'now', 'status', 'sql')
        'config:1' = @('words', 'show', 'get', 'set', 'check', 'path')
        'config:*' = @('settings')
        'service:-n' = @('free')
        'service:1' = @('words', 'install', 'uninstall', 'start', 'stop', 'restart', 'status', 'logs')
        'completion:--values' = @('words', 'devices', 'interfaces', 'plans', 'zones')
        'completion:1' = @('words', 'bash', 'zsh', 'fish', 'powershell')
    }
    # Keys of settings, and what may stand behind each.
    $settings = @{
        config = [ordered]@{
            'api.host' = @('words', '127.0.0.1', 'localhost')
            'api.port' = @('free')
            'api.allowed_hosts' = @('free')
            'api.cors_enabled' = @('words', 'true', 'false')
            'api.idle_timeout' = @('free')
            'monitoring.poll_interval' = @('free')
            'monitoring.batch_write_interval' = @('free')
            'monitoring.battery_saver' = @('words', 'true', 'false')
            'monitoring.interface' = @('interfaces')
            'monitoring.max_rate' = @('words', 'auto')
            'sync.enabled' = @('words', 'auto', 'true', 'false')
            'sync.interval' = @('free')
            'sync.idle_interval' = @('free')
            'sync.url' = @('free')
            'cost.rate_per_gb' = @('free')
            'cost.currency' = @('free')
            'cost.unit' = @('words', 'GB', 'GiB')
            'plan.name' = @('free')
            'plan.cap' = @('free')
            'plan.cycle' = @('words', 'monthly', 'weekly', 'daily', 'prepaid')
            'plan.starts' = @('free')
            'plan.interfaces' = @('interfaces')
            'plan.devices' = @('devices')
            'plan.off_peak' = @('free')
            'plan.off_peak_counts' = @('free')
            'plan.rollover' = @('words', 'true', 'false')
            'plan.tiers' = @('free')
            'plan.overage_rate' = @('free')
            'plan.already_used' = @('free')
            'plan.alerts' = @('free')
            'alerts.notify' = @('words', 'desktop')
            'alerts.command' = @('free')
            'display.units' = @('words', 'decimal', 'binary', 'windows')
            'display.speed' = @('words', 'bytes', 'bits')
            'display.timezone' = @('zones')
            'storage.detail_days' = @('free')
            'storage.backups' = @('free')
            'auto_update.enabled' = @('words', 'true', 'false')
            'auto_update.check_on_startup' = @('words', 'true', 'false')
            'auto_update.auto_apply' = @('words', 'true', 'false')
            'auto_update.auto_restart' = @('words', 'true', 'false')
            'auto_update.check_interval_hours' = @('free')
            'auto_update.source' = @('free')
            'auto_update.signer' = @('free')
        }
        plan = [ordered]@{
            'name' = @('free')
            'cap' = @('free')
            'cycle' = @('words', 'monthly', 'weekly', 'daily', 'prepaid')
            'starts' = @('free')
            'interfaces' = @('interfaces')
            'devices' = @('devices')
            'off_peak' = @('free')
            'off_peak_counts' = @('free')
            'rollover' = @('words', 'true', 'false')
            'tiers' = @('free')
            'overage_rate' = @('free')
            'already_used' = @('free')
            'alerts' = @('free')
        }
    }

    $program = $commandAst.CommandElements[0].Extent.Text
    $subject = ''
    $option = ''
    $arguments = @()
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
        $word = $element.Extent.Text.Trim("'", '"')
        if ($option -ne '') { $option = '' }
        elseif ($word.StartsWith('-')) { if ($kinds.ContainsKey("${subject}:$word")) { $option = $word } }
        elseif ($subject -eq '') { $subject = $word }
        else { $arguments += $word }
    }

    $found = @()
    $place = $arguments.Count + 1
    if ($option -ne '') { $kind = $kinds["${subject}:$option"] }
    elseif ($wordToComplete.StartsWith('-')) { $kind = @('options') }
    elseif ($subject -eq '') { $kind = @('commands') }
    elseif ($kinds.ContainsKey("${subject}:$place")) { $kind = $kinds["${subject}:$place"] }
    elseif ($kinds.ContainsKey("${subject}:*")) { $kind = $kinds["${subject}:*"] }
    else { $kind = @('free') }

    if ($kind[0] -eq 'settings') {
        if ($arguments[0] -notin 'get', 'set') { $kind = @('free') }
        elseif ($place % 2) { $kind = $settings[$subject][$arguments[-1]] }
        else { $kind = @('words') + @($settings[$subject].Keys) }
    }
    if (-not $kind) { return }
    switch ($kind[0]) {
        'commands' { $found = @($commands.GetEnumerator() | ForEach-Object { , @($_.Key, $_.Value) }) }
        'options' { $found = @($options[$subject].GetEnumerator() | ForEach-Object { , @($_.Key, $_.Value) }) }
        'words' { $found = @($kind | Select-Object -Skip 1 | ForEach-Object { , @($_, $_) }) }
        'free' { return }
        'files' { return }
        default { $found = @(& $program completion --values $kind[0] 2>$null | ForEach-Object { , @($_, $_) }) }
    }
    foreach ($pair in $found) {
        if (-not $pair[0].StartsWith($wordToComplete, 'OrdinalIgnoreCase')) { continue }
        $text = if ($pair[0] -match '\s') { "'" + $pair[0].Replace("'", "''") + "'" } else { $pair[0] }
        [System.Management.Automation.CompletionResult]::new($text, $pair[0], 'ParameterValue', $pair[1])
    }
}
