import { resolve } from 'node:path';
import { findViolations } from './violations.ts';

const violations = await findViolations(resolve(import.meta.dirname, '../../..'));
console.log(violations.length === 0 ? 'Boundaries hold.' : violations.join('\n'));
process.exitCode = violations.length === 0 ? 0 : 1;
