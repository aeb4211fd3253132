// Who looks at the page, and what they may do. The daemon decides; here is only what it said,
// so that no button stands where it would be refused.
import { heedStrangers, post } from './api'
import type { Caller } from './types'

const roles = ['nobody', 'viewer', 'operator']

class Access {
  caller = $state.raw<Caller | null>(null)
  // asked says that the daemon wants to know who asks: the page shows nothing else then.
  asked = $state(false)

  // may says whether a role is enough. Until the daemon has answered, everybody is a viewer.
  may = (role: 'viewer' | 'operator'): boolean => roles.indexOf(this.caller?.role ?? 'viewer') >= roles.indexOf(role)

  // logIn shows a token; it throws what the daemon says of a wrong one.
  async logIn(token: string): Promise<void> {
    this.caller = await post<Caller>('/api/login', undefined, { token })
    this.asked = false
  }

  async logOut(): Promise<void> {
    await post<undefined>('/api/logout')
    this.caller = null
    this.asked = true
  }
}

export const access = new Access()

heedStrangers(() => (access.asked = true))
