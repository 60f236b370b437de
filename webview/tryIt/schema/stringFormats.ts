interface StringFormat {
  isValid(text: string): boolean;
  /** What a text of this format is, to stand after "must be". */
  what: string;
  /** For an empty field. */
  example: string;
}

const dateText = /^(\d{4})-(\d\d)-(\d\d)$/;
const timeText = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

function isDate(text: string): boolean {
  const [, year, month, day] = (dateText.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year || 4, month, 0)).getUTCDate();
}

function isIpv4(text: string): boolean {
  return /^(\d{1,3})(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

function isHostname(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => label.test(part));
}

/** Formats of JSON Schema that can be told without a library; any other format is not checked. */
const formats: Readonly<Record<string, StringFormat>> = {
  date: { isValid: isDate, what: 'a date', example: '2026-07-28' },
  time: { isValid: (text) => timeText.test(text), what: 'a time with its zone', example: '10:42:00Z' },
  'date-time': {
    isValid: (text) => isDate(text.slice(0, 10)) && /^t$/i.test(text.charAt(10)) && timeText.test(text.slice(11)),
    what: 'a date and a time with its zone',
    example: '2026-07-28T10:42:00Z',
  },
  duration: {
    isValid: (text) => /^P(?!$)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)$/.test(text),
    what: 'a duration',
    example: 'P1DT12H',
  },
  email: {
    isValid: (text) => text.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(text),
    what: 'an e-mail address',
    example: 'name@example.com',
  },
  hostname: { isValid: isHostname, what: 'the name of a host', example: 'example.com' },
  ipv4: { isValid: isIpv4, what: 'an IPv4 address', example: '192.0.2.1' },
  ipv6: {
    isValid: (text) => /^[\da-f:.]{2,45}$/i.test(text) && URL.canParse(`http://[${text}]`),
    what: 'an IPv6 address',
    example: '2001:db8::1',
  },
  uri: { isValid: (text) => URL.canParse(text), what: 'an address (URI)', example: 'https://example.com/' },
  'uri-reference': {
    isValid: (text) => !/\s/.test(text) && URL.canParse(text, 'http://example.com/'),
    what: 'an address, whole or relative',
    example: '/path',
  },
  uuid: {
    isValid: (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text),
    what: 'a UUID',
    example: '123e4567-e89b-12d3-a456-426614174000',
  },
};

/** The format of that name, if it can be checked. */
export function stringFormat(name: unknown): StringFormat | undefined {
  return typeof name === 'string' && Object.hasOwn(formats, name) ? formats[name] : undefined;
}
