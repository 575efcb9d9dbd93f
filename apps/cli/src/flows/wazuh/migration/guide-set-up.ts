import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { parseCertificates, parsePrivateKey } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { readHostFile, readHostText } from '@k8s-audit/host-files';
import {
  GUIDE_UNIT,
  type GuideSettings,
  parseGuideScript,
  readOssecConf,
  readsArchives,
  scriptOfUnit,
  valuesAt,
} from '@k8s-audit/wazuh-config';
import { loadRules, type Rule } from '@k8s-audit/wazuh-rules';
import { PLACES } from '@k8s-audit/wazuh-server';
import { hostPlaces } from '../host-places.ts';
import { rulesBelow } from '../plan-rules.ts';

/** The hand-made set-up of the guide, as it was found on this machine. */
export interface GuideSetUp {
  readonly settings: GuideSettings;
  /** Files of it, below `root`. */
  readonly unit: string;
  readonly script: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Of 110002, 110003, 110004 those that are there, and what hangs below them. */
  readonly rules: readonly Rule[];
  readonly rulesBelow: readonly Rule[];
  readonly archive: { readonly wazuh: boolean; readonly filebeat: boolean };
}

const GUIDE_RULES: readonly number[] = [110_002, 110_003, 110_004];
/** Where the guide puts it, and where others might have. */
const UNIT_FOLDERS = ['lib/systemd/system', 'usr/lib/systemd/system', 'etc/systemd/system'];

/**
 * Recognises the guide's set-up, and nothing else: what somebody has built onto it would end with it.
 *
 * @throws Failure GUIDE_NOT_FOUND with all that is missing, GUIDE_CHANGED with the first line that is not the guide's
 */
export async function recogniseGuide(root: string, home: string): Promise<GuideSetUp> {
  const unit = await findGuideUnit(root);
  if (unit === undefined) throw notFound([`no ${GUIDE_UNIT} that runs custom-webhook.py by Wazuh’s Python`]);
  const script = join(root, unit.script);
  if (!existsSync(script)) throw notFound([`${script}, which ${unit.path} runs`]);
  const settings = parseGuideScript(await readHostText(script));
  if (settings.kind === 'changed')
    throw new Failure('GUIDE_CHANGED', `${script} is not the guide’s any more: line ${settings.line} is \`${settings.found}\`.`, {
      hint: `The guide has \`${settings.expected}\` there. What was added would end with it: move it into rules, or put the line back; then run this again.`,
    });
  const certificate = join(root, settings.certificate);
  const key = join(root, settings.key);
  const missing = [certificate, key].filter((path) => !existsSync(path));
  if (missing.length > 0) throw notFound(missing);
  const [certificatePem, privateKeyPem] = [await readHostText(certificate), await readHostText(key)];
  if (!parseCertificates(certificatePem)[0].checkPrivateKey(parsePrivateKey(privateKeyPem)))
    throw notFound([`a key in ${key} that belongs to ${certificate}`]);
  return {
    settings,
    unit: unit.path,
    script,
    certificatePem,
    privateKeyPem,
    ...(await rulesOf(home)),
    archive: await archiveOf(root, home),
  };
}

/** The unit of the guide, wherever it lies; one of that name that runs something else is somebody's own. */
export async function findGuideUnit(root: string): Promise<{ readonly path: string; readonly script: string } | undefined> {
  for (const folder of UNIT_FOLDERS) {
    const path = join(root, folder, GUIDE_UNIT);
    const script = existsSync(path) ? scriptOfUnit(await readHostText(path)) : undefined;
    if (script !== undefined) return { path, script };
  }
  return undefined;
}

/** The address that its receiver listens at; undefined where it is a name, or was never filled in. */
export function listenAddressOf({ host }: GuideSettings): string | undefined {
  return isIP(host) === 0 ? undefined : host;
}

/** For a person: each part of it with its place. */
export function describeGuide({ settings, unit, script, certificatePem, rules, rulesBelow, archive }: GuideSetUp): readonly string[] {
  const [certificate] = parseCertificates(certificatePem);
  const names = (list: readonly Rule[]): string => list.map(({ id, place }) => `${id} in ${place.file}`).join(', ');
  return [
    `service      ${unit} runs ${script}`,
    `port         ${settings.port}, at ${settings.host}`,
    `certificate  ${settings.certificate}, ends ${certificate.validToDate.toISOString().slice(0, 10)}`,
    `rules        ${rules.length === 0 ? 'none of 110002, 110003 and 110004' : names(rules)}`,
    ...(rulesBelow.length === 0 ? [] : [`  below them ${names(rulesBelow)}`]),
    `archive      logall_json ${archive.wazuh ? 'yes' : 'no'}, Filebeat’s archives ${archive.filebeat ? 'on' : 'off'}`,
  ];
}

async function rulesOf(home: string): Promise<Pick<GuideSetUp, 'rules' | 'rulesBelow'>> {
  const files = await rulesBelow(join(home, PLACES.rules));
  const { rules } = loadRules(files, { outsideRules: 'stock', afterRefusal: 'continue' });
  const guide = GUIDE_RULES.flatMap((id) => rules.get(id) ?? []);
  const isBelow = ({ parents }: Rule): boolean => parents.kind === 'sid' && parents.ids.some((id) => GUIDE_RULES.includes(id));
  return { rules: guide, rulesBelow: [...rules.values()].filter((rule) => !GUIDE_RULES.includes(rule.id) && isBelow(rule)) };
}

async function archiveOf(root: string, home: string): Promise<GuideSetUp['archive']> {
  const conf = readOssecConf((await readHostFile(join(home, PLACES.configuration))).toString('latin1'));
  const { filebeat } = hostPlaces(root, home);
  return {
    wazuh: valuesAt(conf, ['global', 'logall_json']).at(-1) === 'yes',
    filebeat: existsSync(filebeat) && readsArchives(await readHostText(filebeat)),
  };
}

function notFound(missing: readonly string[]): Failure {
  return new Failure('GUIDE_NOT_FOUND', `The guide’s set-up is not here. Missing: ${missing.join('; ')}.`, {
    hint: 'Without it there is nothing to take over: k8s-audit wazuh install',
  });
}
