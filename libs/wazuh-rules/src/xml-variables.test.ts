import { readXml } from '@k8s-audit/wazuh-xml';
import { describe, expect, it } from 'vitest';
import { applyVariables } from './xml-variables.ts';

/** The text of <a> after the variables, or the error. */
function valueOfA(text: string): { readonly value: string; readonly slips: readonly string[] } {
  const file = readXml(text);
  if (file.kind === 'broken') throw new Error(file.message);
  const { error, slips } = applyVariables(file.items);
  const value = error?.message ?? file.items.find((item) => item.name === 'a')?.content ?? '';
  return { value, slips: slips.map((slip) => slip.kind) };
}

const NS = '<var name="NS">kube-system</var>';

describe('variables', () => {
  it.each([
    ['replaces a name, in any case', `${NS}<a>^$ns|x</a>`, '^kube-system|x'],
    [
      'ends a name at $ . | , and space only',
      `${NS}<a>$NS.$NS|$NS,$NS $NS$NS</a>`,
      'kube-system.kube-system|kube-system,kube-system kube-systemkube-system',
    ],
    ['replaces in attributes', `${NS}<b x="$NS">1</b><a>ok ok</a>`, 'ok ok'],
    ['takes the first definition of a name', `${NS}<var name="ns">other</var><a>$NS.</a>`, 'kube-system.'],
    ['leaves $(field) alone', `${NS}<a>$(k8s.verb) in $(x)</a>`, '$(k8s.verb) in $(x)'],
    ['leaves lone dollars alone', `${NS}<a>a$ b$</a>`, 'a$ b$'],
    ['does not look into a replacement', '<var name="AA">$BB</var><var name="BB">x</var><a>$AA.</a>', '$BB.'],
    ['leaves a file without variables alone', '<a>$NOPE here</a>', '$NOPE here'],
  ])('%s', (_name, text, value) => {
    expect(valueOfA(text)).toEqual({ value, slips: [] });
  });

  it.each([
    ['an unknown name', `${NS}<a>$NOPE</a>`, "XMLERR: Unknown variable: 'NOPE'."],
    ['a name of 255 bytes', `${NS}<a>$${'x'.repeat(300)}</a>`, "XMLERR: Invalid variable name size: '255'."],
    ['a variable without a name', '<var>1</var>', 'XMLERR: No value set for variable.'],
    ['another attribute', '<var nam="x">1</var>', 'XMLERR: Only "name" is allowed as an attribute for a variable.'],
    ['a definition with a name too long', `<var name="${'x'.repeat(256)}">1</var>`, 'XMLERR: Invalid variable name size.'],
  ])('refuses %s', (_name, text, message) => {
    expect(valueOfA(text).value).toBe(message);
  });

  it('does not look into values of two bytes', () => {
    expect(valueOfA('<var name="N">x</var><a>$N</a>')).toEqual({ value: '$N', slips: ['too-short'] });
  });

  it('does not replace what stands before the definition', () => {
    expect(valueOfA(`<a>$NS</a>${NS}`)).toEqual({ value: '$NS', slips: ['used-before-definition'] });
  });

  it('cuts the text between a $(field) and a variable short, by the length of the field', () => {
    expect(valueOfA(`${NS}<a>$(verb) in $NS!</a>`)).toEqual({ value: "XMLERR: Unknown variable: 'NS!'.", slips: [] });
    expect(valueOfA(`${NS}<a>$(verb) in namespace $NS.</a>`)).toEqual({ value: '$(verb) in namkube-system.', slips: ['text-lost'] });
  });

  it('takes the name of the next element for a variable without one', () => {
    expect(valueOfA('<var>1</var><b name="XX">2</b><a>$XX.</a>').value).toBe('1.');
  });

  it('does not grow without bound', () => {
    const bomb = `<var name="AA">${'x'.repeat(20_000)}</var><a>${'$AA.'.repeat(5000)}</a>`;
    expect(valueOfA(bomb).value).toBe('the variables expand to more than 8 MiB in this file');
  });
});
