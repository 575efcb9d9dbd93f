import type { CharacterBuffer } from './character-buffer.ts';
import { type Mark, scannerError } from './mark.ts';
import { scanBlockScalar } from './scan-block-scalar.ts';
import { atDocumentIndicator, type ScanContext, skipComment } from './scan-context.ts';
import { scanDirective } from './scan-directive.ts';
import { scanFlowScalar } from './scan-flow-scalar.ts';
import { scanPlainScalar } from './scan-plain-scalar.ts';
import { scanAnchor, scanTag } from './scan-tag.ts';
import { SimpleKeys } from './simple-keys.ts';
import { type Token, type TokenType, token } from './token.ts';
import { TokenQueue } from './token-queue.ts';

/** scannerc.go max_flow_level and max_indents. */
const MAX_DEPTH = 10_000;

/**
 * Cuts a YAML 1.1 text into tokens: a port of go.yaml.in/yaml/v2 v2.4.3 scannerc.go, its slips included,
 * because a policy is what kube-apiserver takes it for.
 *
 * A key shows only at its colon, so tokens wait in a queue while the head of it may still turn out to be one.
 */
export class Scanner implements ScanContext {
  readonly text: CharacterBuffer;
  flowLevel = 0;
  indent = -1;
  simpleKeyAllowed = true;
  readonly #tokens = new TokenQueue();
  readonly #keys: SimpleKeys;
  readonly #outerIndents: number[] = [];
  #started = false;
  #headIsReady = false;

  constructor(text: CharacterBuffer) {
    this.text = text;
    this.#keys = new SimpleKeys(text);
  }

  /** The next token; it stays where it is. */
  peek(): Token {
    if (!this.#headIsReady) {
      while (this.#tokens.isEmpty || this.#keys.mayStartAt(this.#tokens.headNumber)) this.#fetch();
      this.#headIsReady = true;
    }
    return this.#tokens.head();
  }

  /** Takes the token that `peek` showed. */
  take(): void {
    this.#headIsReady = false;
    this.#tokens.take();
  }

  #fetch(): void {
    const text = this.text;
    text.ensure(1);
    if (!this.#started) {
      this.#started = true;
      this.#push('stream-start', text.mark());
      return;
    }
    this.#skipToNextToken();
    this.#unrollIndent(text.column);
    text.ensure(4);
    const character = String.fromCharCode(text.at(0));
    if (character === '\0') this.#fetchStreamEnd();
    else if (character === '%' && text.column === 0) this.#fetchDirective();
    else if (atDocumentIndicator(text)) this.#fetchDocumentIndicator(character === '-' ? 'document-start' : 'document-end');
    else if (!this.#fetchIndicator(character)) this.#fetchContent(character);
  }

  #fetchIndicator(character: string): boolean {
    const endsHere = this.text.isBlankOrEnd(1);
    if (character === '[') this.#fetchFlowStart('flow-sequence-start');
    else if (character === '{') this.#fetchFlowStart('flow-mapping-start');
    else if (character === ']') this.#fetchFlowEnd('flow-sequence-end');
    else if (character === '}') this.#fetchFlowEnd('flow-mapping-end');
    else if (character === ',') this.#takeAfterKey('flow-entry', true);
    else if (character === '-' && endsHere) {
      this.#openBlock('block-sequence-start', 'block sequence entries are not allowed in this context');
      this.#takeAfterKey('block-entry', true);
    } else if (character === '?' && (this.flowLevel > 0 || endsHere)) {
      this.#openBlock('block-mapping-start', 'mapping keys are not allowed in this context');
      this.#takeAfterKey('key', this.flowLevel === 0);
    } else if (character === ':' && (this.flowLevel > 0 || endsHere)) this.#fetchValue();
    else return false;
    return true;
  }

  #fetchContent(character: string): void {
    const inBlock = this.flowLevel === 0;
    if (character === '*') this.#fetchNode(() => scanAnchor(this.text, 'alias'));
    else if (character === '&') this.#fetchNode(() => scanAnchor(this.text, 'anchor'));
    else if (character === '!') this.#fetchNode(() => scanTag(this.text));
    else if (inBlock && (character === '|' || character === '>')) this.#fetchBlockScalar(character === '|');
    else if (character === "'" || character === '"') this.#fetchNode(() => scanFlowScalar(this.text, character));
    else if (this.#startsPlainScalar(character)) this.#fetchNode(() => scanPlainScalar(this));
    else throw this.#error('found character that cannot start any token');
  }

  #startsPlainScalar(character: string): boolean {
    if (!this.text.isBlankOrEnd(0) && !INDICATORS.includes(character)) return true;
    if (character === '-') return !this.text.isBlank(1);
    return this.flowLevel === 0 && (character === '?' || character === ':') && !this.text.isBlankOrEnd(1);
  }

  #fetchStreamEnd(): void {
    this.text.endLastLine();
    this.#endDocument();
    this.#push('stream-end', this.text.mark());
  }

  #fetchDirective(): void {
    this.#endDocument();
    this.#tokens.push(scanDirective(this.text));
  }

  #fetchDocumentIndicator(type: TokenType): void {
    this.#endDocument();
    const start = this.text.mark();
    for (let count = 0; count < 3; count++) this.text.skip();
    this.#push(type, start);
  }

  #endDocument(): void {
    this.#unrollIndent(-1);
    this.#keys.remove();
    this.simpleKeyAllowed = false;
  }

  #fetchFlowStart(type: TokenType): void {
    this.#saveSimpleKey();
    this.#keys.open(this.#tokens.nextNumber);
    this.flowLevel++;
    if (this.flowLevel > MAX_DEPTH) throw this.#error(`exceeded max depth of ${MAX_DEPTH}`);
    this.#takeIndicator(type, true);
  }

  #fetchFlowEnd(type: TokenType): void {
    this.#keys.remove();
    if (this.flowLevel > 0) {
      this.flowLevel--;
      this.#keys.close();
    }
    this.#takeIndicator(type, false);
  }

  #fetchValue(): void {
    const key = this.#keys.valid();
    if (key !== undefined) {
      this.#tokens.insert(key.tokenNumber, token('key', key.mark, key.mark));
      this.#rollIndent(key.mark, 'block-mapping-start', key.tokenNumber);
      this.#keys.use(key);
      this.#takeIndicator('value', false);
      return;
    }
    this.#openBlock('block-mapping-start', 'mapping values are not allowed in this context');
    this.#takeIndicator('value', this.flowLevel === 0);
  }

  #fetchNode(scan: () => Token): void {
    this.#saveSimpleKey();
    this.simpleKeyAllowed = false;
    this.#tokens.push(scan());
  }

  #fetchBlockScalar(literal: boolean): void {
    this.#keys.remove();
    this.simpleKeyAllowed = true;
    this.#tokens.push(scanBlockScalar(this, literal));
  }

  #saveSimpleKey(): void {
    if (this.simpleKeyAllowed) this.#keys.save(this.#tokens.nextNumber, this.flowLevel === 0 && this.indent === this.text.column);
  }

  #openBlock(type: TokenType, problem: string): void {
    if (this.flowLevel > 0) return;
    if (!this.simpleKeyAllowed) throw this.#error(problem);
    this.#rollIndent(this.text.mark(), type, this.#tokens.nextNumber);
  }

  #rollIndent(mark: Mark, type: TokenType, tokenNumber: number): void {
    if (this.flowLevel > 0 || this.indent >= mark.column) return;
    this.#outerIndents.push(this.indent);
    this.indent = mark.column;
    if (this.#outerIndents.length > MAX_DEPTH) throw this.#error(`exceeded max depth of ${MAX_DEPTH}`);
    this.#tokens.insert(tokenNumber, token(type, mark, mark));
  }

  #unrollIndent(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.#push('block-end', this.text.mark());
      this.indent = this.#outerIndents.pop() ?? -1;
    }
  }

  #takeAfterKey(type: TokenType, keyMayFollow: boolean): void {
    this.#keys.remove();
    this.#takeIndicator(type, keyMayFollow);
  }

  #takeIndicator(type: TokenType, keyMayFollow: boolean): void {
    this.simpleKeyAllowed = keyMayFollow;
    const start = this.text.mark();
    this.text.skip();
    this.#push(type, start);
  }

  #push(type: TokenType, start: Mark): void {
    this.#tokens.push(token(type, start, this.text.mark()));
  }

  #skipToNextToken(): void {
    const text = this.text;
    for (;;) {
      text.ensure(1);
      if (text.column === 0 && text.startsWithByteOrderMark()) text.skip();
      text.ensure(1);
      while (text.at(0) === SPACE || (text.at(0) === TAB && (this.flowLevel > 0 || !this.simpleKeyAllowed))) {
        text.skip();
        text.ensure(1);
      }
      skipComment(text);
      if (!text.isBreak(0)) return;
      text.ensure(2);
      text.skipLine();
      if (this.flowLevel === 0) this.simpleKeyAllowed = true;
    }
  }

  #error(problem: string): Error {
    return scannerError(problem, this.text.mark());
  }
}

const SPACE = 0x20;
const TAB = 0x09;
const INDICATORS = '-?:,[]{}#&*!|>\'"%@`';
