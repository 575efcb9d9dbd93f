// Runs before every npm script, on any Node >= 20, when nothing may be installed yet: plain JavaScript, no dependencies.
// Installs once per lockfile; a second call at the same time waits for the first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stampFile = `${root}/node_modules/.installed-for`;
const lockFolder = `${root}/.installing`;
const wanted = createHash('sha256')
  .update(readFileSync(`${root}/package-lock.json`))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');

if (!isInstalled()) {
  refuseReadOnly();
  takeLock();
  try {
    if (!isInstalled()) install();
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted;
}

function refuseReadOnly() {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    fail(
      `Cannot install the dependencies: ${root} is read-only. Copy the folder to a place that you can write to, and run the command there.`,
    );
  }
}

function install() {
  say('Installing the dependencies (once, about half a minute) ...');
  const startedAt = Date.now();
  const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawnSync('npm', ['ci', ...flags], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (npm.status !== 0) {
    rmSync(lockFolder, { recursive: true, force: true });
    fail('npm ci failed: the reason stands above. Mend it and run the same command again.');
  }
  requireNode24();
  writeFileSync(stampFile, wanted);
  say(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

// The pinned Node comes as a platform package for Linux with glibc. Where it cannot run (musl) or is none (macOS), the machine's own must do.
function requireNode24() {
  const pinned = `${root}/node_modules/.bin/node`;
  if (existsSync(pinned) && spawnSync(pinned, ['--version']).status !== 0) rmSync(pinned);
  const version = spawnSync(existsSync(pinned) ? pinned : 'node', ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (Number(version.slice(1).split('.')[0]) >= 24) return;
  rmSync(lockFolder, { recursive: true, force: true });
  fail(
    `Node 24 or newer is needed on ${process.platform}-${process.arch}, and this is ${version}. Install it and run the same command again.`,
  );
}

// A folder, because mkdir is atomic everywhere; the process id in it tells a dead owner from a slow one.
function takeLock() {
  for (let told = false; ; sleep(300)) {
    try {
      mkdirSync(lockFolder);
      writeFileSync(`${lockFolder}/pid`, String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!lockIsHeld()) rmSync(lockFolder, { recursive: true, force: true });
    else if (!told) say('Another install is running in this folder; waiting for it.');
    told = true;
  }
}

function lockIsHeld() {
  try {
    const owner = Number(readFileSync(`${lockFolder}/pid`, 'utf8'));
    process.kill(owner, 0);
    return true;
  } catch (error) {
    if (error.code === 'EPERM') return true;
    if (error.code === 'ESRCH') return false;
    // No pid yet: its owner is between mkdir and write, or died there.
    return existsSync(lockFolder) && Date.now() - statSync(lockFolder).mtimeMs < 5000;
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
