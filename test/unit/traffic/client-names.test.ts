import { expect, test } from 'vitest'
import { ClientNames } from '../../../src/traffic/client-names.ts'

const key = new Uint8Array(32).fill(7)
const clients = new Map([
  ['ci', ['10.0.3.0/24', 'fd00:3::/64']],
  ['everyone in the office', ['10.0.0.0/16']],
])

test('the first name whose range has the address stands for it', () => {
  const names = new ClientNames({ clients, clientAddresses: 'plain' }, key)
  expect(names.nameOf('10.0.3.9')).toBe('ci')
  expect(names.nameOf('fd00:3::9')).toBe('ci')
  expect(names.nameOf('10.0.4.9')).toBe('everyone in the office')
  expect(names.nameOf('192.0.2.1')).toBe('192.0.2.1')
})

test('an address without a name is hashed where that is wanted, with the key', () => {
  const names = new ClientNames({ clients, clientAddresses: 'hashed' }, key)
  const others = new ClientNames(
    { clients, clientAddresses: 'hashed' },
    key.map((byte) => byte + 1),
  )
  expect(names.nameOf('10.0.3.9')).toBe('ci')
  expect(names.nameOf('192.0.2.1')).toMatch(/^client-[0-9a-f]{12}$/)
  expect(names.nameOf('192.0.2.1')).toBe(names.nameOf('192.0.2.1'))
  expect(names.nameOf('192.0.2.1')).not.toBe(names.nameOf('192.0.2.2'))
  expect(names.nameOf('192.0.2.1')).not.toBe(others.nameOf('192.0.2.1'))
})

test('the server itself has no name', () => {
  const names = new ClientNames({ clients, clientAddresses: 'hashed' }, key)
  expect(names.nameOf('')).toBe('')
})

test('a changed configuration counts from then on', () => {
  const names = new ClientNames({ clients: new Map(), clientAddresses: 'plain' }, key)
  expect(names.nameOf('10.0.3.9')).toBe('10.0.3.9')
  names.configure({ clients, clientAddresses: 'plain' })
  expect(names.nameOf('10.0.3.9')).toBe('ci')
})
