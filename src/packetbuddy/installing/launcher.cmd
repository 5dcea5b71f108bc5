@echo off
rem The stable way into PacketBuddy: the version that is current now. Tasks and PATH lead here.
setlocal EnableExtensions DisableDelayedExpansion
for %%I in ("%~dp0..") do set "home=%%~fI"
if not defined PACKETBUDDY_HOME set "PACKETBUDDY_HOME=%home%"
set "PACKETBUDDY_ON_TRIAL="
set "version="
set "chosen="
if exist "%home%\versions\current" set /p version=<"%home%\versions\current"
if not defined version goto none
if /i not "%~1"=="serve" goto start
if /i not "%PACKETBUDDY_HOME%"=="%home%" goto start
if not exist "%home%\versions\trial" goto start
rem A version on trial: the current one, which has proved itself, decides which of the two is started.
set "chooser=%home%\versions\%version%\Scripts\python.exe"
"%chooser%" -I -m packetbuddy.updates.choosing >"%home%\versions\chosen" & set /p chosen=<"%home%\versions\chosen"
if not defined chosen goto start
if /i "%chosen%"=="%version%" goto start
if not exist "%home%\versions\%chosen%\Scripts\python.exe" goto start
set "version=%chosen%"
set "PACKETBUDDY_ON_TRIAL=1"
:start
set "python=%home%\versions\%version%\Scripts\python.exe"
if not exist "%python%" goto gone
rem One line: cmd has read all of it when this file is replaced while PacketBuddy runs. 103: python.exe finds no Python.
rem 75: another version waits to be started.
"%python%" -I -m packetbuddy %* & (if errorlevel 75 if not errorlevel 76 "%~f0" serve) & if not errorlevel 103 exit /b
if errorlevel 104 exit /b
:gone
echo pb: the Python that PacketBuddy was installed with is gone. 1>&2
goto again
:none
echo pb: no version of PacketBuddy is installed here. 1>&2
:again
echo     In a folder with PacketBuddy run: service\windows\setup.bat (nothing that was counted is lost) 1>&2
exit /b 127
