import { Failure } from '@k8s-audit/failure';
import { downloadStep } from './download-steps.ts';
import type { Distribution } from './os-release.ts';
import { PRELUDE, type SetupStep, STEP_NAMES, type StepName } from './setup-step.ts';
import { dockerStep, packagesStep, preflightStep } from './system-steps.ts';
import { type Architecture, DOWNLOADS } from './versions.ts';

export interface SetupOptions {
  readonly distribution: Distribution;
  readonly architecture: Architecture;
  /** Any of minikube's; docker, podman, kvm2 and none are prepared. */
  readonly driver: string;
  /** Of the cluster, `v1.36.2`. */
  readonly kubernetesVersion: string;
  readonly skip: readonly string[];
}

export interface SetupPlan extends Omit<SetupOptions, 'skip'> {
  readonly steps: readonly SetupStep[];
}

export const DEFAULT_KUBERNETES_VERSION: string = DOWNLOADS.kubectl.version;

/** @throws {Failure} USAGE for a driver, a version or a step that cannot be one */
export function planSetup({ skip, ...options }: SetupOptions): SetupPlan {
  const { distribution, architecture, driver, kubernetesVersion } = options;
  // Both become words of a shell command.
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(driver)) throw usage(`${driver} is no driver of minikube.`, '--driver docker, podman, kvm2, none, …');
  if (!/^v\d+\.\d+\.\d+(-[a-z0-9.]+)?$/.test(kubernetesVersion))
    throw usage(`${kubernetesVersion} is no version of Kubernetes.`, `--kubernetes-version ${DEFAULT_KUBERNETES_VERSION}`);
  const unknown = skip.find((name) => !(STEP_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw usage(`There is no step called ${unknown}.`, `--skip takes ${STEP_NAMES.join(', ')}`);

  const makers: Readonly<Record<StepName, () => SetupStep>> = {
    preflight: () => preflightStep(driver),
    packages: () => packagesStep(distribution, driver),
    docker: () => dockerStep(distribution),
    kubectl: () => downloadStep('kubectl', architecture),
    minikube: () => downloadStep('minikube', architecture),
    crictl: () => downloadStep('crictl', architecture),
    'cni-plugins': () => downloadStep('cni-plugins', architecture),
    'cri-dockerd': () => downloadStep('cri-dockerd', architecture),
    start: () => startStep(driver, kubernetesVersion),
  };
  const names = STEP_NAMES.filter((name) => isNeeded(name, driver) && !skip.includes(name));
  return { ...options, steps: names.map((name) => makers[name]()) };
}

/** As one bash script: what `--dry-run` prints, and what anyone may run in our place. Steps that are done already are passed over. */
export function renderSetup({ distribution, architecture, driver, kubernetesVersion, steps }: SetupPlan): string {
  return [
    '#!/usr/bin/env bash',
    `# minikube with Kubernetes ${kubernetesVersion}, driver ${driver}, on ${distribution.name} (${architecture}).`,
    'set -euo pipefail',
    ...PRELUDE,
    ...steps.flatMap(({ name, title, isDone, commands }, index) => [
      '',
      `# ${index + 1}. ${name}: ${title}`,
      ...(isDone === 'false' ? commands : [`if ${isDone}; then echo "${name}: done already"; else`, ...commands, 'fi']),
    ]),
    '',
  ].join('\n');
}

/** The script of one step alone. */
export function renderStep({ commands }: SetupStep): string {
  return ['set -euo pipefail', ...PRELUDE, ...commands, ''].join('\n');
}

const ONLY_FOR: Partial<Record<StepName, readonly string[]>> = {
  docker: ['docker', 'none'],
  crictl: ['none'],
  'cni-plugins': ['none'],
  'cri-dockerd': ['none'],
};

function isNeeded(name: StepName, driver: string): boolean {
  return ONLY_FOR[name]?.includes(driver) ?? true;
}

function startStep(driver: string, kubernetesVersion: string): SetupStep {
  const minikube = driver === 'none' ? 'as_root minikube' : 'minikube';
  return {
    name: 'start',
    title: `start Kubernetes ${kubernetesVersion}`,
    isDone: `${minikube} status --format '{{.APIServer}}' 2>/dev/null | grep -qx Running`,
    commands: [
      // A new member of the group docker is one only after the next login.
      driver === 'docker'
        ? `if docker info > /dev/null 2>&1; then minikube start --driver=docker --kubernetes-version=${kubernetesVersion}; else sg docker -c 'minikube start --driver=docker --kubernetes-version=${kubernetesVersion}'; fi`
        : `${minikube} start --driver=${driver} --kubernetes-version=${kubernetesVersion}`,
    ],
  };
}

function usage(message: string, hint: string): Failure {
  return new Failure('USAGE', message, { hint });
}
