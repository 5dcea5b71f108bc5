@echo off
rem The stable way into PacketBuddy: the version that is current now. Tasks and PATH lead here.
setlocal EnableExtensions DisableDelayedExpansion
for %%I in ("%~dp0..") do set "home=%%~fI"
if not defined PACKETBUDDY_HOME set "PACKETBUDDY_HOME=%home%"
set "version="
if exist "%home%\versions\current" set /p version=<"%home%\versions\current"
if not defined version goto none
set "python=%home%\versions\%version%\Scripts\python.exe"
if not exist "%python%" goto gone
rem One line: cmd has read all of it when this file is replaced while PacketBuddy runs. 103: python.exe finds no Python.
"%python%" -I -m packetbuddy %* & if not errorlevel 103 exit /b
if errorlevel 104 exit /b
:gone
echo pb: the Python that PacketBuddy was installed with is gone. 1>&2
goto again
:none
echo pb: no version of PacketBuddy is installed here. 1>&2
:again
echo     In a folder with PacketBuddy run: service\windows\setup.bat (nothing that was counted is lost) 1>&2
exit /b 127
