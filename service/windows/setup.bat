@echo off
rem Installs PacketBuddy from this folder and leaves it counting. Run it again to upgrade or to repair; nothing is lost.
rem
rem   service\windows\setup.bat [--yes]
rem
rem Needs no administrator. Writes only into the home (PACKETBUDDY_HOME, else %%USERPROFILE%%\.packetbuddy), your Path and
rem the service's registration. This finds a Python that is new enough; service\setup.py does the rest.
setlocal EnableExtensions DisableDelayedExpansion
set "python="
call :try py -3
if not defined python call :try python
if not defined python call :try python3
if defined python goto found
echo setup: Python 3.11+ not found 1>&2
echo        https://www.python.org/downloads/windows/ or: winget install Python.Python.3.13 1>&2
set "code=1"
goto end

:found
rem "call", because python may be a batch file itself (pyenv). It reads percent signs twice, so no path may stand there.
pushd "%~dp0.."
call %python% -I -B setup.py %*
set "code=%errorlevel%"
popd

:end
rem A window that a double click opened would close before anybody has read it.
setlocal EnableDelayedExpansion
if "%~1"=="" if not "!cmdcmdline:setup.bat=!"=="!cmdcmdline!" pause
exit /b %code%

:try
call %* -I -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if "%errorlevel%"=="0" set "python=%*"
exit /b 0
