/**
 * Every failure code and what it means. One line a code, sorted; docs/reference/failures.md is generated from here,
 * and a test holds that each code is thrown somewhere and each thrown code stands here.
 */
export const CODES = {
  ALREADY_RUNNING: 'Another process already works in the same folder.',
  APISERVER_FLAG_REFUSED: 'A flag would make the API server lose, delay or hide audit events, or wait for the receiver.',
  CERT_AUTHORITY_UNUSABLE: 'The certificate authority cannot sign: it has ended, is none, or its key is another’s.',
  CERT_UNREADABLE: 'A text holds no PEM certificate, or one that cannot be parsed.',
  CHILD_FAILED: 'A program of the product that was started for this command ended before it was ready.',
  CLUSTER_NAME_INVALID: 'A cluster’s name holds other letters than a URL path, a certificate and a Wazuh location can carry.',
  CONFIGURATION_INVALID: 'The configuration has unknown keys or values out of range; every error is listed with its path.',
  CONFIGURATION_SYNTAX: 'The configuration file is no YAML.',
  CONTROL_FRAME_TOO_LARGE: 'A control socket announced a frame beyond the limit: the peer does not speak Wazuh’s protocol.',
  EVENT_RATE_INVALID: 'The expected event rate is not one that a webhook can carry.',
  HOST_INVALID: 'A host is no name and no address that a client could dial.',
  KEY_UNREADABLE: 'A text holds no private key that can be read without a passphrase.',
  MESSAGE_HAS_NUL: 'A message for Wazuh holds a NUL byte, at which Wazuh would stop reading.',
  MESSAGE_TOO_LARGE: 'A message is longer than what Wazuh reads of one.',
  PROGRAM_MISSING: 'A program of the product is not beside the one that needs it.',
  REPLAY_REFUSED: 'The receiver did not let the replay in.',
  REPLAY_UNREACHABLE: 'No receiver answers at the address.',
  SPOOL_RECORD: 'A record of the spool was written by another version of the receiver.',
  STATE_FOLDER_UNWRITABLE: 'The folder for state and certificates cannot be written.',
  TESTBED_BUILD_FAILED: 'The control plane of the tests could not be built from its Go modules.',
  TESTBED_DISK_FULL: 'The disk filled up while the control plane of the tests was built.',
  TESTBED_NOT_READY: 'A part of the test control plane did not become ready.',
  TESTBED_NO_GO: 'The control plane of the tests is built with Go, and there is none.',
  USAGE: 'The command line is not what the command takes.',
  WEBHOOK_PATH_INVALID: 'A path in the webhook kubeconfig names no file.',
  WEBHOOK_SERVER_INVALID: 'The address of the receiver is not one that an API server can send to over TLS.',
} as const satisfies Record<string, string>;

export type FailureCode = keyof typeof CODES;
