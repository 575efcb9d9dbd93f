import { randomBytes } from 'node:crypto';
import { answerAnalysisRequest } from './analysis-commands.ts';
import { type ControlServer, openControlServer } from './control-server.ts';
import type { WazuhHome } from './home.ts';
import { createLogtestSessions, type LogtestOptions } from './logtest-sessions.ts';
import { type EmbeddedStatistics, renderStatistics } from './statistics.ts';

export interface ControlledBackEnd extends Pick<LogtestOptions, 'openEngine' | 'alertLevel' | 'nowMs'> {
  readonly statistics: () => EmbeddedStatistics;
  readonly reloadRules: () => Promise<{ readonly kind: 'reloaded' | 'refused'; readonly messages: readonly string[] }>;
  readonly writesArchives: boolean;
}

/** queue/sockets/analysis and queue/sockets/logtest. @throws {Failure} CONTROL_SOCKET_FAILED, with none of them open */
export async function openControlSockets(home: WazuhHome, backEnd: ControlledBackEnd): Promise<readonly ControlServer[]> {
  const { alertLevel, nowMs, openEngine, reloadRules, statistics, writesArchives } = backEnd;
  const commands = {
    statistics: () => renderStatistics(statistics(), nowMs()),
    reloadRules,
    settings: { alertLevel, writesArchives },
    nowMs,
  };
  const analysis = await openControlServer(home.analysisSocket, { answer: (request) => answerAnalysisRequest(request, commands) });
  try {
    const newToken = (): string => randomBytes(4).toString('hex');
    const logtest = await openControlServer(home.logtestSocket, createLogtestSessions({ openEngine, alertLevel, nowMs, newToken }));
    return [analysis, logtest];
  } catch (error) {
    await analysis.close();
    throw error;
  }
}
