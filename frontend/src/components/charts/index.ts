export { BarChart } from "./bar-chart";
export { ChartCard, type ChartCardProps } from "./chart-card";
export { type ChartColumn, ChartTable } from "./chart-table";
export { csvText, saveCsv } from "./csv";
export { DonutChart, type DonutPart } from "./donut-chart";
export { type Figures, useFigures } from "./figures";
export { HeatChart } from "./heat-chart";
export { type ChartTone, colorOf, largestSeven, type Series, toneAt, type Unit } from "./series";
export { AreaChart, LineChart, StackedBarChart, type TimeSeries } from "./time-charts";
