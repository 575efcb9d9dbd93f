/** The dialect of XML in which Wazuh’s rule files and ossec.conf are written, read as Wazuh reads it (OS_XML). */
export {
  cutAtNul,
  decodeBytes,
  encodeBytes,
  equalsIgnoringCase,
  foldCase,
  isDigits,
  isSpace,
  isUtf8,
  parseInt32,
} from './byte-text.ts';
export { elementsBelow, exactAttribute, type XmlAttribute, type XmlElement } from './xml-elements.ts';
export { MAX_CONTENT_BYTES, readXml, type XmlFile, type XmlItem } from './xml-reader.ts';
