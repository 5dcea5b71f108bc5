@echo off
rem Restarts a PacketBuddy that hangs, until this window is closed.
setlocal EnableExtensions DisableDelayedExpansion
set "home=%PACKETBUDDY_HOME%"
if not defined home set "home=%USERPROFILE%\.packetbuddy"
set "code=127"
if not exist "%home%\bin\pb.cmd" goto none
call "%home%\bin\pb.cmd" watchdog %*
set "code=%errorlevel%"
goto end

:none
echo PacketBuddy is not installed yet; "%~dp0service\windows\setup.bat" installs it. 1>&2

:end
rem A window that a double click opened would close before anybody has read it.
setlocal EnableDelayedExpansion
if "%~1"=="" if not "!cmdcmdline:watchdog.bat=!"=="!cmdcmdline!" pause
exit /b %code%
