import { Failure } from '@k8s-audit/failure';
import { elementsBelow, readXml, type XmlElement, type XmlItem } from '@k8s-audit/wazuh-xml';

/**
 * ossec.conf as Wazuh reads it: any number of `<ossec_config>` blocks, one after the other; of a setting that is there several
 * times the last one counts, of lists every one. A text here is bytes as characters (latin1), so that what is not edited stays
 * as it is, whatever its encoding.
 */
export interface OssecConf {
  readonly bytes: string;
  readonly items: readonly XmlItem[];
}

export interface OssecConfChanges {
  /** CDB lists to be declared below `<ruleset>`, such as `etc/lists/k8s-audit-users`. */
  readonly lists?: readonly string[];
  /** Settings below `<global>`: name and value. */
  readonly global?: Readonly<Record<string, string>>;
}

/** @throws Failure OSSEC_CONF_UNREADABLE where Wazuh itself could not read it, or where it holds no configuration */
export function readOssecConf(bytes: string): OssecConf {
  const file = readXml(bytes);
  if (file.kind === 'broken')
    throw new Failure('OSSEC_CONF_UNREADABLE', `ossec.conf cannot be read: ${file.message} (line ${file.line})`, {
      hint: 'Wazuh itself would not start with it: mend the line first.',
    });
  const conf = { bytes, items: file.items };
  if (blocksOf(conf).length === 0)
    throw new Failure('OSSEC_CONF_UNREADABLE', 'ossec.conf holds no <ossec_config> block.', { hint: 'Is it the right file?' });
  return conf;
}

/** The elements at a path below `<ossec_config>`, in all blocks, in the order of the file. */
export function elementsAt(conf: OssecConf, path: readonly string[]): readonly XmlElement[] {
  return path.reduce<readonly XmlElement[]>(
    (elements, name) => elements.flatMap((element) => elementsBelow(conf.items, element).filter((each) => each.name === name)),
    blocksOf(conf),
  );
}

/** The values at a path, trimmed, in the order of the file: the last one counts where there can be only one. */
export function valuesAt(conf: OssecConf, path: readonly string[]): readonly string[] {
  return elementsAt(conf, path).map((element) => element.content.trim());
}

function blocksOf(conf: OssecConf): readonly XmlElement[] {
  return elementsBelow(conf.items, undefined).filter(({ name }) => name === 'ossec_config');
}
