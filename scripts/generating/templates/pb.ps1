# Completes PacketBuddy's `pb` in PowerShell. Made by scripts/generate.py out of the commands themselves.

Register-ArgumentCompleter -Native -CommandName pb, pb.exe, pb.cmd -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commands = [ordered]@{
@COMMANDS@
    }
    # Options of a command, and what each does.
    $options = @{
@OPTIONS@
    }
    # What may stand behind COMMAND:OPTION, or in the place COMMAND:1, COMMAND:2 of an argument.
    $kinds = @{
@KINDS@
    }
    # Keys of settings, and what may stand behind each.
    $settings = @{
@SETTINGS@
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
