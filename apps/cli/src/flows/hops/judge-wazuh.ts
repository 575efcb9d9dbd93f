import type { WazuhEvidence, WrittenEntry } from './evidence.ts';
import { broken, since, unseen, type Verdict, type Verdicts } from './verdict.ts';

/** The hops behind Wazuh's socket. @param takenAtMs when the socket took the event; undefined: nobody can tell */
export function judgeWazuh(wazuh: WazuhEvidence, takenAtMs: number | undefined): Verdicts {
  if (wazuh.kind === 'unseen') return unseen(wazuh.reason, ['daemon', 'rule', 'alerts', 'archive']);
  const { alert, archived } = wazuh;
  const archive = archiveOf(wazuh);
  const written = alert ?? archived;
  const daemon = written === undefined ? silentDaemon(wazuh) : workedOff(written, takenAtMs);
  if (daemon.state === 'broken') return { daemon };
  if (alert !== undefined)
    return {
      daemon,
      rule: { state: 'ok', seen: ruleText(alert.rule) },
      alerts: { state: 'ok', ...since(alert.timestampMs, alert.seenAtMs), seen: 'written' },
      archive,
    };
  return { daemon, ...withoutAlert(wazuh), archive };
}

function workedOff({ timestampMs }: WrittenEntry, takenAtMs: number | undefined): Verdict {
  return { state: 'ok', ...since(takenAtMs, timestampMs), seen: 'worked off' };
}

/** Neither an alert nor an archived event: what do its own counters say? */
function silentDaemon({ statistics, archive }: Extract<WazuhEvidence, { kind: 'seen' }>): Verdict {
  const next = 'systemctl status wazuh-manager; tail /var/ossec/logs/ossec.log; k8s-audit wazuh status';
  if (statistics.kind === 'unavailable') return broken(`it does not answer: ${statistics.reason}`, next);
  const { before, after } = statistics;
  // One that was restarted meanwhile counts from nought again.
  const base = after.startedAt === before.startedAt ? before : { received: 0, processed: 0, dropped: 0 };
  if (after.dropped > base.dropped) return broken(`it dropped ${after.dropped - base.dropped} events meanwhile`, next);
  if (after.processed <= base.processed) return broken('it has worked off no event since', next);
  // Where everything is archived, an event that is in neither file was lost inside.
  if (archive === 'on') return broken('it works off events, and has written this one to no file', next);
  return { state: 'ok', seen: `${after.processed - base.processed} events worked off meanwhile` };
}

function withoutAlert({ logtest, archived }: Extract<WazuhEvidence, { kind: 'seen' }>): Verdicts {
  const next = 'k8s-audit rules explain tells why; a rule of somebody else may take it: k8s-audit doctor';
  if (logtest?.kind === 'refused')
    return { rule: broken(`the rules on disk cannot be loaded: ${logtest.reason}`, 'k8s-audit rules check /var/ossec/etc/rules') };
  if (logtest?.kind === 'verdict' && logtest.isAlert)
    return {
      rule: {
        state: 'ok',
        seen: logtest.rule === undefined ? 'logtest says alert' : `${logtest.rule.id}, level ${logtest.rule.level}, says logtest`,
      },
      alerts: broken(
        'the alert is not in alerts.json',
        'Disk and rights of logs/alerts; <jsonout_output> in ossec.conf; tail /var/ossec/logs/ossec.log',
      ),
    };
  if (logtest?.kind === 'verdict') return { rule: broken(`${ruleText(logtest.rule)} takes it, without an alert`, next) };
  if (archived !== undefined) return { rule: broken(`${ruleText(archived.rule)} took it, without an alert`, next) };
  return { rule: broken(`no alert came, and logtest cannot be asked${logtest === undefined ? '' : `: ${logtest.reason}`}`, next) };
}

function archiveOf({ archive, archived, alert }: Extract<WazuhEvidence, { kind: 'seen' }>): Verdict {
  if (archived !== undefined) return { state: 'ok', ...since(archived.timestampMs, archived.seenAtMs), seen: 'in archives.json' };
  if (archive === 'on')
    return alert === undefined
      ? { state: 'unseen', seen: 'not there; see what is broken before it' }
      : broken(
          'the event is not in archives.json',
          'Disk and rights of logs/archives; <logall_json> in ossec.conf; restart Wazuh after a change',
        );
  return { state: 'unseen', seen: archive === 'off' ? 'switched off' : 'the daemon does not tell whether it is on' };
}

function ruleText(rule: { readonly id: string; readonly level: number } | undefined): string {
  return rule === undefined ? 'no rule' : `rule ${rule.id}, level ${rule.level}`;
}
