import { renderDetectionsPage } from '@k8s-audit/detections';
import { renderWireEventPage } from '@k8s-audit/event-pipeline';
import { renderReliability } from '@k8s-audit/faults';
import type { GeneratedPage } from './page.ts';
import { renderCliReference } from './pages/cli-reference.ts';
import { renderConfigurationReference } from './pages/configuration-reference.ts';
import { renderDoctor } from './pages/doctor.ts';
import { renderDrills } from './pages/drills.ts';
import { renderFailures } from './pages/failures.ts';
import { renderMap } from './pages/map.ts';
import { renderMetrics } from './pages/metrics.ts';
import { renderPolicyLint } from './pages/policy-lint.ts';

/** Every generated page. A new one is a file in pages/ and a line here; `npm run check` holds that each is current. */
export const PAGES: readonly GeneratedPage[] = [
  { file: 'docs/architecture.md', kind: 'part', render: renderMap },
  { file: 'docs/reference/cli.md', kind: 'whole', render: renderCliReference },
  { file: 'docs/reference/detections.md', kind: 'whole', render: renderDetectionsPage },
  { file: 'docs/reference/doctor.md', kind: 'whole', render: renderDoctor },
  { file: 'docs/reference/drills.md', kind: 'whole', render: renderDrills },
  { file: 'docs/reference/failures.md', kind: 'whole', render: renderFailures },
  { file: 'docs/reference/metrics.md', kind: 'whole', render: renderMetrics },
  { file: 'docs/reference/policy-lint.md', kind: 'whole', render: renderPolicyLint },
  { file: 'docs/reference/receiver-configuration.md', kind: 'whole', render: renderConfigurationReference },
  { file: 'docs/reference/reliability.md', kind: 'whole', render: renderReliability },
  { file: 'docs/reference/wire-event.md', kind: 'whole', render: renderWireEventPage },
];
