import { expect, test } from 'vitest'
import { suggest } from '@/filing/category'
import { fit } from '@/filing/image'

test('a photo is at most 1600 on its longer side, keeps its shape and never grows', () => {
  expect(fit(4000, 3000, 1600)).toEqual({ width: 1600, height: 1200 })
  expect(fit(3000, 4000, 1600)).toEqual({ width: 1200, height: 1600 })
  expect(fit(800, 600, 1600)).toEqual({ width: 800, height: 600 })
  expect(fit(20_000, 3, 1600)).toEqual({ width: 1600, height: 1 })
})

const categories = [
  { code: '03', displayName: '水电气热网', displayNameEn: 'Water, power, gas, heat, networks' },
  { code: '0301', parent: '03', displayName: '供水排水', displayNameEn: 'Water supply and drainage' },
  { code: '0302', parent: '03', displayName: '供电', displayNameEn: 'Power supply' },
  { code: '0303', parent: '03', displayName: '燃气', displayNameEn: 'Gas supply' },
  { code: '0401', parent: '04', displayName: '银行贷款与续贷', displayNameEn: 'Bank loans and their renewal' },
  { code: '0503', parent: '05', displayName: '劳动争议', displayNameEn: 'Labour disputes' },
]
test.each([
  ['厂区燃气压力不足，反应釜要停', '0303'],
  ['银行不给续贷，资金链要断', '0401'],
  ['The bank refuses the renewal of our loans', '0401'],
  ['隔壁工地太吵', ''],
  ['供水和供电都停了', ''],
  ['', ''],
])('%s → %s', (text, code) => expect(suggest(text, categories)).toBe(code))
