import type { Kept } from './kept.ts';
import type { SimulationResult } from './simulation.ts';
import type { Timeline } from './timeline.ts';

/** A horizontal bar of Unicode blocks, an eighth of a character fine. */
export function renderBar(value: number, largest: number, width: number): string {
  const eighths = largest > 0 ? Math.round((value / largest) * width * 8) : 0;
  const partial = EIGHTHS[eighths % 8] ?? '';
  // What is there shows, however little it is.
  return value > 0 && eighths === 0 ? (EIGHTHS[1] ?? '') : '█'.repeat(Math.floor(eighths / 8)) + partial;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** One character a bucket, its height against the fullest of them. */
export function renderSparkline(values: readonly number[], largest: number): string {
  return values.map((value) => (value === 0 || largest === 0 ? ' ' : (HEIGHTS[Math.ceil((value / largest) * 8) - 1] ?? '█'))).join('');
}

const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A file for a report: events by level, and over time, of the policy and of the one it is compared with. */
export function renderSimulationSvg(result: SimulationResult): string {
  const sides = [{ name: 'policy', kept: result.kept }, ...(result.other === undefined ? [] : [{ name: 'against', kept: result.other }])];
  const timeline = result.timeline === undefined ? [] : renderTimeline(result.timeline, sides.length * SIDE_HEIGHT + 40);
  const height = sides.length * SIDE_HEIGHT + (timeline.length === 0 ? 20 : 60 + CHART_HEIGHT);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${result.events} recorded events, ${result.kept.events} kept</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...sides.flatMap(({ name, kept }, index) => renderSide(name, kept, result.events, index * SIDE_HEIGHT)),
    ...timeline,
    '</svg>',
  ].join('\n')}\n`;
}

const WIDTH = 640;
const SIDE_HEIGHT = 130;
const CHART_HEIGHT = 100;
const BAR_WIDTH = 360;
/** Grey for what is gone, darker for more. */
const COLOURS: Readonly<Record<string, string>> = { None: '#bbb', Metadata: '#9ecae1', Request: '#4292c6', RequestResponse: '#08519c' };

function renderSide(name: string, kept: Kept, events: number, top: number): string[] {
  return [
    `<text x="10" y="${top + 20}" font-weight="bold">${name}: ${kept.events} of ${events} events kept</text>`,
    ...kept.byLevel.flatMap(({ key, events: count }, index) => {
      const y = top + 32 + index * 22;
      const width = events > 0 ? ((count / events) * BAR_WIDTH).toFixed(1) : '0';
      return [
        `<text x="130" y="${y + 13}" text-anchor="end">${key}</text>`,
        `<rect x="140" y="${y}" width="${width}" height="16" fill="${COLOURS[key] ?? '#000'}"/>`,
        `<text x="${(145 + Number(width)).toFixed(1)}" y="${y + 13}">${count}</text>`,
      ];
    }),
  ];
}

function renderTimeline(timeline: Timeline, top: number): string[] {
  const largest = Math.max(...timeline.buckets.map(({ all }) => all));
  const step = (WIDTH - 20) / timeline.buckets.length;
  const bar = (index: number, count: number, colour: string): string => {
    const height = (count / largest) * CHART_HEIGHT;
    return `<rect x="${(10 + index * step).toFixed(1)}" y="${(top + CHART_HEIGHT - height).toFixed(1)}" width="${Math.max(step - 1, 0.5).toFixed(1)}" height="${height.toFixed(1)}" fill="${colour}"/>`;
  };
  return [
    `<text x="10" y="${top - 8}" font-weight="bold">recorded (grey) and kept (blue), ${timeline.bucketMs / 1000} s a bar</text>`,
    ...timeline.buckets.flatMap(({ all, kept }, index) => [bar(index, all, '#ddd'), bar(index, kept, '#4292c6')]),
  ];
}
