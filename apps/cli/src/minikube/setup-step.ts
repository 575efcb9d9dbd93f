/** One part of a set-up: can be left out, and costs nothing the second time. */
export interface SetupStep {
  readonly name: StepName;
  /** For people, without a final dot. */
  readonly title: string;
  /** Bash: true when it has been done already. */
  readonly isDone: string;
  /** Bash lines, run with `set -euo pipefail` after the prelude. */
  readonly commands: readonly string[];
}

export const STEP_NAMES = [
  'preflight',
  'packages',
  'docker',
  'kubectl',
  'minikube',
  'crictl',
  'cni-plugins',
  'cri-dockerd',
  'start',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** Drivers that the set-up knows how to prepare; any other is the user's own affair, and minikube is started with it. */
export type PreparedDriver = 'docker' | 'podman' | 'kvm2' | 'none';

/** What every step may use. `as_root` asks sudo where it must; `fetch URL SUM FILE` ends the step when the checksum is another. */
export const PRELUDE: readonly string[] = [
  'as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }',
  'download() { curl --fail --silent --show-error --location --proto \'=https\' --tlsv1.2 --retry 3 --output "$2" "$1"; }',
  'fetch() {',
  '  download "$1" "$3"',
  '  local sum="$2"',
  '  case "$sum" in https://*) download "$sum" "$3.sum"; sum="$(cut -c1-64 "$3.sum")" ;; esac',
  '  echo "$sum  $3" | sha256sum --check --quiet --strict -',
  '}',
  'work="$(mktemp -d)"',
  'trap \'rm -rf "$work"\' EXIT',
];
