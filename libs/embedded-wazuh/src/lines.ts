/** Lines on their way to a file, and where the next one will begin. */
export class Lines {
  private readonly parts: Buffer[] = [];
  offset: number;
  count = 0;

  constructor(offset: number) {
    this.offset = offset;
  }

  add(line: Buffer): void {
    this.parts.push(line, LINE_END);
    this.offset += line.length + 1;
    this.count++;
  }

  text(): Buffer {
    return Buffer.concat(this.parts);
  }
}

const LINE_END = Buffer.from('\n');
