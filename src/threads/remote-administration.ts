import type { AnyAccounts } from '../access/any-accounts.ts'
import type { AnyAdministration } from '../access/any-administration.ts'
import type { AnyConfiguration } from '../config/any-configuration.ts'
import type { Calls } from './calls.ts'

type AnyHistory = AnyAdministration['history']

/** What a serving thread may call in the main thread, where all of it is kept. */
export type AdministrationCalls = {
  listUsers: AnyAccounts['listUsers']
  addUser: AnyAccounts['addUser']
  changePassword: AnyAccounts['changePassword']
  removeUser: AnyAccounts['removeUser']
  listTokens: AnyAccounts['listTokens']
  createToken: AnyAccounts['createToken']
  revokeToken: AnyAccounts['revokeToken']
  findCaller: AnyAccounts['findCaller']
  listNewestAudit: AnyHistory['listNewestAudit']
  describeConfiguration: AnyConfiguration['describeConfiguration']
}

/** What an admin looks after, as a serving thread has it. */
export class RemoteAdministration implements AnyAdministration {
  readonly accounts: AnyAccounts
  readonly history: AnyHistory
  readonly configuration: AnyConfiguration

  constructor(calls: Calls<AdministrationCalls>) {
    this.accounts = {
      listUsers: () => calls.call('listUsers'),
      addUser: (name, password) => calls.call('addUser', name, password),
      changePassword: (name, password) => calls.call('changePassword', name, password),
      removeUser: (name) => calls.call('removeUser', name),
      listTokens: () => calls.call('listTokens'),
      createToken: (wanted) => calls.call('createToken', wanted),
      revokeToken: (name) => calls.call('revokeToken', name),
      findCaller: (name) => calls.call('findCaller', name),
    }
    this.history = {
      listNewestAudit: (query, page) => calls.call('listNewestAudit', query, page),
    }
    this.configuration = { describeConfiguration: () => calls.call('describeConfiguration') }
  }
}

/** What the main thread has for it. */
export function administrationCalls({
  accounts,
  history,
  configuration,
}: AnyAdministration): AdministrationCalls {
  return {
    listUsers: () => accounts.listUsers(),
    addUser: (name, password) => accounts.addUser(name, password),
    changePassword: (name, password) => accounts.changePassword(name, password),
    removeUser: (name) => accounts.removeUser(name),
    listTokens: () => accounts.listTokens(),
    createToken: (wanted) => accounts.createToken(wanted),
    revokeToken: (name) => accounts.revokeToken(name),
    findCaller: (name) => accounts.findCaller(name),
    listNewestAudit: (query, page) => history.listNewestAudit(query, page),
    describeConfiguration: () => configuration.describeConfiguration(),
  }
}
