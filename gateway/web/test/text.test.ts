import { afterEach, expect, test } from 'vitest'
import { lang, say, within } from '@/text/text'
import { post } from '@/text/words'

afterEach(() => { lang.value = 'zh-CN' })

test('a value is filled in, and English has its plural', () => {
  expect(say(['{n} 件', '{n} {n|ticket|tickets}'], { n: 1 })).toBe('1 件')
  lang.value = 'en'
  expect(say(['', '{n} {n|ticket|tickets}'], { n: 1 })).toBe('1 ticket')
  expect(say(['', '{n} {n|ticket|tickets}'], { n: 0 })).toBe('0 tickets')
  expect(say(['', '{gone}'])).toBe('')
})

test('of what the city says in both languages within a text, one is shown', () => {
  const text = '备案管理条例（法定时限待本市确认 / statutory limit to be confirmed by the city）'
  expect(within(text)).toBe('备案管理条例（法定时限待本市确认）')
  expect(within('建筑法（2019 修正）')).toBe('建筑法（2019 修正）')
  lang.value = 'en'
  expect(within(text)).toBe('备案管理条例 (statutory limit to be confirmed by the city)')
})

test('a post is called in the reader’s language, and one that nobody has put into English stands as it is', () => {
  expect(post('首席服务员、办件员')).toBe('首席服务员、办件员')
  lang.value = 'en'
  expect(post('首席服务员、办件员')).toBe('Chief attendant, Case clerk')
  expect(post('一级调研员')).toBe('一级调研员')
  expect(post(undefined)).toBe('')
})
