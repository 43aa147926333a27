# Sourced by the other scripts. Given Node.js 20 or later with npm, it brings everything else: pnpm, the pinned Node.js,
# the dependencies. Does nothing when that has been done for the present lockfile.

if ! command -v node >/dev/null 2>&1 || ! command -v npx >/dev/null 2>&1; then
  echo "Node.js 20 or later with npm is needed, and not on the PATH. See https://nodejs.org/" >&2
  exit 1
fi
if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
  echo "Node.js 20 or later is needed to set up; this is $(node --version). See https://nodejs.org/" >&2
  exit 1
fi

setup_stamp=node_modules/.setup-stamp
setup_wanted=$(cksum pnpm-lock.yaml pnpm-workspace.yaml package.json | cksum)
if [ ! -x node_modules/.bin/node ] || [ "$(cat "$setup_stamp" 2>/dev/null)" != "$setup_wanted" ]; then
  echo "Installing dependencies (once for each lockfile) …"
  npx --yes "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile
  echo "$setup_wanted" >"$setup_stamp"
fi
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
