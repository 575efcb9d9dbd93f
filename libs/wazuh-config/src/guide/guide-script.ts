/** What a reader of the guide wrote into custom-webhook.py: its CONFIG, and the address to listen at. */
export interface GuideSettings {
  readonly port: number;
  /** As it stands there; the guide's `<wazuh_server_ip>` is somebody's to fill in. */
  readonly host: string;
  /** Paths on that machine, PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Of wazuh-analysisd. */
  readonly socket: string;
}

export type GuideScript =
  | ({ readonly kind: 'guide' } & GuideSettings)
  /** Somebody has made it do something else: the first line that is not the guide's, from 1; 0: lines are missing at the end. */
  | { readonly kind: 'changed'; readonly line: number; readonly found: string; readonly expected: string };

type Expected = string | { readonly setting: keyof GuideSettings; readonly pattern: RegExp; readonly like: string };

const text = (setting: keyof GuideSettings, name: string, like: string): Expected => ({
  setting,
  pattern: new RegExp(`^${name} ?= ?(['"])(?<value>[^'"\\\\]+)\\1$`),
  like: `${name} = '${like}'`,
});

/** The guide's lines without comments and blank ones, spaces in a row as one. */
const LINES: readonly Expected[] = [
  'import json',
  'from socket import socket, AF_UNIX, SOCK_DGRAM',
  'from flask import Flask, request',
  { setting: 'port', pattern: /^PORT ?= ?(?<value>\d{1,5})$/, like: 'PORT = 8080' },
  text('certificate', 'CERT', '/var/ossec/integrations/kubernetes-webhook/server.crt'),
  text('key', 'CERT_KEY', '/var/ossec/integrations/kubernetes-webhook/server.key'),
  text('socket', 'socket_addr', '/var/ossec/queue/sockets/queue'),
  'def send_event(msg):',
  "string = '1:k8s:{0}'.format(json.dumps(msg))",
  'sock = socket(AF_UNIX, SOCK_DGRAM)',
  'sock.connect(socket_addr)',
  'sock.send(string.encode())',
  'sock.close()',
  'return True',
  'app = Flask(__name__)',
  'context = (CERT, CERT_KEY)',
  "@app.route('/', methods=['POST'])",
  'def webhook():',
  "if request.method == 'POST':",
  'if send_event(request.json):',
  'print("Request sent to Wazuh")',
  'else:',
  'print("Failed to send request to Wazuh")',
  'return "Webhook received!"',
  "if __name__ == '__main__':",
  {
    setting: 'host',
    pattern: /^app\.run\(host=(['"])(?<value>[^'"\\]+)\1, port=PORT, ssl_context=context\)$/,
    like: "app.run(host='<wazuh_server_ip>', port=PORT, ssl_context=context)",
  },
];

/** Reads custom-webhook.py. Only settings, comments, blank lines and spaces may differ: what else it did would end with it. */
export function parseGuideScript(script: string): GuideScript {
  const settings: Partial<Record<keyof GuideSettings, string>> = {};
  const lines = codeLines(script);
  for (const [index, { code, number }] of lines.entries()) {
    const expected = LINES[index];
    const value = settingOf(code, expected);
    if (value === undefined) return { kind: 'changed', line: number, found: code, expected: shown(expected) };
    if (typeof expected === 'object') settings[expected.setting] = value;
  }
  if (lines.length < LINES.length) return { kind: 'changed', line: 0, found: '(the end)', expected: shown(LINES[lines.length]) };
  const { port = '', host = '', certificate = '', key = '', socket = '' } = settings;
  return { kind: 'guide', port: Number(port), host, certificate, key, socket };
}

function codeLines(script: string): readonly { readonly code: string; readonly number: number }[] {
  return script
    .split('\n')
    .map((line, index) => ({ code: line.trim().replace(/\s+/g, ' '), number: index + 1 }))
    .filter(({ code }) => code !== '' && !code.startsWith('#'));
}

/** Of a line that is as expected: its setting, or nothing. */
function settingOf(code: string, expected: Expected | undefined): string | undefined {
  if (typeof expected === 'object') return expected.pattern.exec(code)?.groups?.['value'];
  return code === expected ? '' : undefined;
}

function shown(expected: Expected | undefined): string {
  if (expected === undefined) return '(nothing more)';
  return typeof expected === 'string' ? expected : expected.like;
}
