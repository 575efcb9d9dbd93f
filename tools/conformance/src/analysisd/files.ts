/** The recorded files that a folder may hold. */
export const FILES = ['events.jsonl', 'sequences.jsonl', 'expressions.jsonl', 'osregex_tables.json', 'rulecheck.jsonl'] as const;
