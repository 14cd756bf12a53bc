#!/usr/bin/env bash
# Makes .venv ready for one purpose and installs what is missing; does nothing when nothing is.
#
#     tools/bootstrap.sh run     what the program needs
#     tools/bootstrap.sh dev     and what `make check`, `make test` and `make bench` need
#     tools/bootstrap.sh dist    and what `make dist` needs
#
# Everything it says goes to stderr: stdout belongs to the program that runs afterwards.
set -euo pipefail
exec 3>&1 1>&2 </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose=${1:-run}
case $purpose in
    run | dev | dist) ;;
    *) echo "usage: tools/bootstrap.sh run|dev|dist"; exit 2 ;;
esac

venv=.venv
say() { echo "Veo Studio: $*"; }
fail() { say "$*"; exit 1; }

# One set-up at a time: two terminals may say `make run` and `make test` at once.
if [ "$(uname -s)" = Linux ] && command -v flock >/dev/null && [ -w . ]; then
    exec 9>>.bootstrap.lock
    flock 9
fi

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13 python; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Debian splits venv off its Python: name the package when it is not there.
missing_venv() {
    local python
    [ ! -x "$venv/bin/python" ] && python=$(find_python) || return 0
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

# --- System packages -------------------------------------------------------------------------

# Shared libraries that PyQt6's wheel expects from the system, and the Debian package of each.
# Found with ldd over QtCore, QtGui, QtWidgets, QtMultimedia, QtNetwork, QtSvg, QtDBus and QtOpenGL and
# over their platform (xcb, wayland, offscreen), multimedia and image plugins, PyQt6 6.11.
qt_libraries='
libEGL.so.1 libegl1
libGL.so.1 libgl1
libX11-xcb.so.1 libx11-xcb1
libX11.so.6 libx11-6
libXext.so.6 libxext6
libXrandr.so.2 libxrandr2
libbrotlidec.so.1 libbrotli1
libdbus-1.so.3 libdbus-1-3
libdrm.so.2 libdrm2
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libgio-2.0.so.0 libglib2.0-0
libgssapi_krb5.so.2 libgssapi-krb5-2
libgthread-2.0.so.0 libglib2.0-0
libpulse.so.0 libpulse0
libwayland-client.so.0 libwayland-client0
libwayland-cursor.so.0 libwayland-cursor0
libwayland-egl.so.1 libwayland-egl1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-glx.so.0 libxcb-glx0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-render.so.0 libxcb-render0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-util.so.1 libxcb-util1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
libxcb.so.1 libxcb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxkbcommon.so.0 libxkbcommon0
libz.so.1 zlib1g
libzstd.so.1 libzstd1
'

# Programs that tests and benchmarks use: a window system, a message bus, ffprobe to look at our files, and a
# browser to look at our pages.
test_programs='
Xvfb xvfb
xauth xauth
dbus-run-session dbus
ffprobe ffmpeg
curl curl
chromium chromium
'

dist_programs='
objdump binutils
'

missing_libraries() {
    # The loader's own list costs a millisecond; on a system without it, report nothing missing.
    local ldconfig known name package
    ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
    known=$("$ldconfig" -p 2>/dev/null) || return 0
    [ -n "$known" ] || return 0
    while read -r name package; do
        [[ -z $name || $known == *"$name "* ]] || echo "$package"
    done <<<"$qt_libraries"
}

missing_programs() {
    local name package
    while read -r name package; do
        [ -z "$name" ] || command -v "$name" >/dev/null || echo "$package"
    done <<<"$1"
}

# PyInstaller packs Python's shared library, which Debian keeps apart from its Python.
missing_libpython() {
    local python
    python=$venv/bin/python
    [ -x "$python" ] || python=$(find_python) || return 0
    "$python" -c 'import glob, sys
version = "%d.%d" % sys.version_info[:2]
if sys.base_prefix == "/usr" and not glob.glob("/usr/lib*/**/libpython%s.so*" % version, recursive=True):
    print("libpython" + version)'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
    local log
    log=$(mktemp)
    say "installing system packages: $*"
    # A broken third-party source makes `update` fail; what we need may be there all the same.
    as_root "${apt[@]}" update >"$log" 2>&1 || true
    if ! as_root "${apt[@]}" install --no-install-recommends "$@" >>"$log" 2>&1; then
        tail -n 20 "$log"
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# need_packages REQUIRED|OPTIONAL PACKAGE...: one sentence and a stop, or a sentence only.
need_packages() {
    local importance=$1 sentence
    shift
    if can_install && apt_install "$@"; then return; fi
    sentence="these system packages are missing"
    if command -v apt-get >/dev/null; then
        sentence+="; install them with: sudo apt-get install $*"
    else
        sentence+=" (the names are Debian's): $*"
    fi
    if [ "$importance" = REQUIRED ]; then fail "$sentence"; fi
    say "$sentence"
}

if [ "$(uname -s)" = Linux ]; then
    mapfile -t libraries < <(missing_libraries | sort -u)
    mapfile -t programs < <(missing_venv)
    if [ "$purpose" = dev ]; then mapfile -t -O ${#programs[@]} programs < <(missing_programs "$test_programs"); fi
    if [ "$purpose" = dist ]; then
        mapfile -t -O ${#programs[@]} programs < <(missing_programs "$dist_programs"; missing_libpython)
    fi
    if [ ${#programs[@]} -gt 0 ]; then
        need_packages REQUIRED "${libraries[@]}" "${programs[@]}"
    elif [ ${#libraries[@]} -gt 0 ]; then
        # The command line works without them, so `make run` goes on; tests do not.
        importance=REQUIRED
        if [ "$purpose" = run ]; then importance=OPTIONAL; fi
        need_packages "$importance" "${libraries[@]}"
    fi
fi

# --- Python ----------------------------------------------------------------------------------

digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

# An environment knows its own absolute path, so a moved checkout needs a new one.
here=$(pwd -P)
home=
if grep -qsF "$here/$venv" "$venv/bin/activate"; then
    home=$("$venv/bin/python" -c 'import importlib.util, sys
if importlib.util.find_spec("pip"): print(sys.version)' 2>/dev/null || true)
fi
key() { { echo "$home"; cat pyproject.toml constraints.txt; } | digest; }

case $purpose in
    run) stamps=(run dev dist); target=. ;;
    dev) stamps=(dev); target='.[dev]' ;;
    dist) stamps=(dist); target='.[dist]' ;;
esac
wanted=$(key)
for stamp in "${stamps[@]}"; do
    if [ -n "$home" ] && [ "$(cat "$venv/.installed-$stamp" 2>/dev/null)" = "$wanted" ]; then exit 0; fi
done

if [ -z "$home" ]; then
    python=$(find_python) || fail "Python 3.11 or newer is needed and was not found; install it, or name it: PYTHON=/path/to/python3 make ..."
    say "making $venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    home=$("$venv/bin/python" -c 'import sys; print(sys.version)')
fi

say "installing Python packages into $venv"
# The environment variable also holds the build backend to constraints.txt; the path stays relative
# because pip splits the value at spaces.
log=$(mktemp)
if ! PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 \
    "$venv/bin/python" -m pip install --quiet --progress-bar off --editable "$target" >"$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    fail "the Python packages could not be installed; the lines above say why. Check the network and say it again."
fi
rm -f "$log"

key >"$venv/.installed-$purpose"
say "set up"
