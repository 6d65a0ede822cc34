/** The charting library with the few kinds that the board draws: as SVG on the page, and on a canvas nobody sees for a picture to keep. */
import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TitleComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsType } from 'echarts/core'
import { LabelLayout } from 'echarts/features'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'
import type { Option } from './options'

use([BarChart, LineChart, ScatterChart, AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TitleComponent, TooltipComponent, LabelLayout, SVGRenderer, CanvasRenderer])

export function draw(el: HTMLElement): EChartsType { return init(el, undefined, { renderer: 'svg' }) }

/** png draws an option once more, larger and with what it is about burnt in, and answers with the address of the picture. */
export function png(option: Option, about: { title: string, lines: string[], background: string, ink: string, ink2: string, font: string }): string {
  const el = document.createElement('div')
  const chart = init(el, undefined, { renderer: 'canvas', width: 1200, height: 720, devicePixelRatio: 2 })
  try {
    const grid = option.grid as { top?: number, bottom?: number } | undefined
    chart.setOption({
      ...option, backgroundColor: about.background, animation: false, tooltip: undefined,
      grid: { ...grid, top: 120, bottom: (grid?.bottom ?? 24) + 24 },
      title: { text: about.title, subtext: about.lines.join('\n'), left: 24, top: 16, textStyle: { color: about.ink, fontSize: 26, fontFamily: about.font }, subtextStyle: { color: about.ink2, fontSize: 16, lineHeight: 22, fontFamily: about.font } },
    })
    return chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: about.background })
  } finally {
    chart.dispose()
  }
}
