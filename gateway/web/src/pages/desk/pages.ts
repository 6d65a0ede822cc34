/** The pages of the desk, as far as the person's roles have them: for the line of links and for the command box. */
import { has, type Role } from '@/session/session'
import { say, type Pair } from '@/text/text'

interface Place { to: string, text: Pair, roles?: Role[], action?: string }

const places: readonly Place[] = [
  { to: '/desk', text: ['待办', 'Queue'], action: 'goQueue' },
  { to: '/desk/tickets', text: ['全部诉求', 'All tickets'] },
  { to: '/desk/orders', text: ['工单', 'Work orders'], roles: ['ROLE_CLERK', 'ROLE_LEADER', 'ROLE_ATTENDANT', 'ROLE_DISPATCHER', 'ROLE_SUPERVISOR', 'ROLE_MAYOR_OFFICE'] },
  { to: '/desk/returns', text: ['退单', 'Returns'], roles: ['ROLE_DISPATCHER', 'ROLE_SUPERVISOR', 'ROLE_MAYOR_OFFICE', 'ROLE_CLERK', 'ROLE_ATTENDANT'] },
  { to: '/desk/issues', text: ['共性问题', 'Common issues'] },
  { to: '/desk/file', text: ['替来电人提交', 'File for a caller'], roles: ['ROLE_DISPATCHER'] },
  { to: '/desk/enterprises', text: ['我的企业', 'My enterprises'], roles: ['ROLE_ATTENDANT', 'ROLE_AGENT'], action: 'goEnterprises' },
  { to: '/desk/visits', text: ['走访', 'Visits'], roles: ['ROLE_ATTENDANT', 'ROLE_AGENT', 'ROLE_SUPERVISOR', 'ROLE_MAYOR_OFFICE'], action: 'goVisits' },
  { to: '/desk/leave', text: ['请假与移交', 'Leave and hand-over'], roles: ['ROLE_ATTENDANT', 'ROLE_AGENT', 'ROLE_CLERK', 'ROLE_SUPERVISOR', 'ROLE_MAYOR_OFFICE', 'ROLE_CITY_ADMIN'] },
  { to: '/desk/coverage', text: ['绑定与负荷', 'Coverage and load'], roles: ['ROLE_LEADER', 'ROLE_DISPATCHER', 'ROLE_SUPERVISOR', 'ROLE_MAYOR_OFFICE'] },
]

export function deskPages(): { to: string, text: string, action?: string }[] {
  return places.filter(p => !p.roles || has(...p.roles)).map(p => ({ ...p, text: say(p.text) }))
}
