import { Failure } from '@k8s-audit/failure';

/** In the documented range of custom rules (100000 to 120000), and free in the stock rule set and the large public collections. */
export const DEFAULT_ID_BASE = 118_000;

/** The pack takes the thousand ids from its base on. */
export const ID_BLOCK = 1_000;

const LAST_ID = 999_999;
/** The guide's rules, and whatever people number after them. */
const GUIDE_BLOCK = 110_000;

/** @throws Failure RULE_ID_BASE_INVALID */
export function checkIdBase(base: number): number {
  const refuse = (why: string): never => {
    throw new Failure('RULE_ID_BASE_INVALID', `${base} is no base for rule ids: ${why}.`, {
      hint: `Choose a multiple of ${ID_BLOCK} from 100000 to 119000 that no other rules use.`,
    });
  };
  if (!Number.isInteger(base) || base % ID_BLOCK !== 0) return refuse(`it is no multiple of ${ID_BLOCK}`);
  if (base < 100_000) return refuse('ids below 100000 belong to Wazuh');
  if (base + ID_BLOCK - 1 > LAST_ID) return refuse(`Wazuh takes ids up to ${LAST_ID}`);
  if (base === GUIDE_BLOCK) return refuse('110002 to 110004 are the guide’s');
  return base;
}
