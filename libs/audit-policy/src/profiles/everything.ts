import type { Profile } from './profile.ts';
import { CREDENTIALS } from './subjects.ts';

/** For an investigation or a test cluster: the most that can be recorded without recording credentials. */
export const EVERYTHING: Profile = {
  name: 'everything',
  summary: 'every stage of every request with both bodies, but for credentials; for an investigation, not for every day',
  make: () => ({
    header: [
      'Audit policy "everything" of k8s-audit: every stage of every request, with what was sent and what was answered.',
      'It costs disk, network and the API server’s memory: a list of pods is recorded as a whole. Simulate before you use it.',
    ].join('\n'),
    policy: {},
    rules: [
      { why: 'Credentials: their bodies are recorded by no profile.', rule: { level: 'Metadata', resources: CREDENTIALS } },
      {
        why: 'Everything else.\nk8s-audit: ignore whole-lists-recorded: lists with every object in them are what this profile is for',
        rule: { level: 'RequestResponse' },
      },
    ],
  }),
};
