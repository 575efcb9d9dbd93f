/** What is asked on queue/sockets/logtest, and how analysisd refuses it (wazuh v4.14.7 src/analysisd/logtest.c, w_logtest_check_input). */

export type LogtestRequest =
  | {
      readonly kind: 'log-processing';
      readonly location: string;
      /** A log line; an object was printed as compact JSON. */
      readonly event: string;
      readonly token: string | undefined;
      readonly explains: boolean;
      /** What analysisd says about optional parts that it could not use. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'remove-session'; readonly token: string }
  | { readonly kind: 'refused'; readonly error: number; readonly message: string };

const TOKEN_LENGTH = 8;
const ERROR = { parsing: 1, invalidJson: 2, command: 3, token: 4 } as const;

export function parseLogtestRequest(text: string): LogtestRequest {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    return refuse(ERROR.parsing, `(7307): Error parsing JSON: ${(error as Error).message}`);
  }
  const { parameters, command } = fieldsOf(root) ?? {};
  if (parameters === undefined) return missing('parameters');
  const given = fieldsOf(parameters);
  if (given === undefined) return invalid('parameters');
  if (command === undefined) return missing('command');
  if (typeof command !== 'string') return invalid('command');
  if (command === 'remove_session') return parseRemoval(given['token']);
  return command === 'log_processing' ? parseProcessing(given) : refuse(ERROR.command, `Command '${command}' is not allowed`);
}

/** The answer to a request that does not fit, without `data` (measured: error 5, code 7315; logtest.c, w_logtest_generate_error_response). */
export const TOO_LARGE = { message: '(7315): The request is larger than 65535 bytes', error: 5 } as const;

function parseRemoval(token: unknown): LogtestRequest {
  if (typeof token !== 'string') return refuse(ERROR.token, "'token' JSON field must be a string");
  return token.length === TOKEN_LENGTH ? { kind: 'remove-session', token } : refuse(ERROR.token, `(7309): '${token}' is not a valid token`);
}

function parseProcessing(given: Readonly<Record<string, unknown>>): LogtestRequest {
  const { location, log_format: format, event, token, options } = given;
  if (typeof location !== 'string' || location === '')
    return refuse(ERROR.invalidJson, "(7308): 'location' JSON field is required and must be a string");
  if (typeof format !== 'string' || format === '')
    return refuse(ERROR.invalidJson, "(7308): 'log_format' JSON field is required and must be a string");
  if (event === undefined) return missing('event');
  const line = typeof event === 'string' ? event : objectText(event);
  if (line === '') return invalid('event');

  const warnings: string[] = [];
  const usesToken = typeof token === 'string' && token.length === TOKEN_LENGTH;
  if (token !== undefined && !usesToken)
    warnings.push(`(7309): '${typeof token === 'string' ? token : JSON.stringify(token)}' is not a valid token`);
  const chosen = fieldsOf(options);
  if (options !== undefined && chosen === undefined)
    warnings.push("(7005): 'options' field must be a JSON object. The parameter will be ignored");
  const debug = chosen?.['rules_debug'];
  if (debug !== undefined && typeof debug !== 'boolean')
    warnings.push("(7006): 'rules_debug' field must be a boolean. The parameter will be ignored");
  return { kind: 'log-processing', location, event: line, token: usesToken ? token : undefined, explains: debug === true, warnings };
}

/** An object with something in it, printed as cJSON does; anything else gives nothing. */
function objectText(event: unknown): string {
  return fieldsOf(event) !== undefined && Object.keys(event as object).length > 0 ? JSON.stringify(event) : '';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function missing(field: string): LogtestRequest {
  return refuse(ERROR.invalidJson, `'${field}' JSON field not found`);
}

function invalid(field: string): LogtestRequest {
  return refuse(ERROR.invalidJson, `'${field}' JSON field value is not valid`);
}

function refuse(error: number, message: string): LogtestRequest {
  return { kind: 'refused', error, message };
}
