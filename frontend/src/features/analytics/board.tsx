import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  arrayMove,
  rectSortingStrategy,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ArrowDown, ArrowUp, EllipsisVertical, EyeOff, GripVertical } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { cn } from "@/lib/cn";
import type { ChartSlug } from "./catalogue";
import { FrameContext } from "./context";

/** The charts of a tab, to be put into another order with the pointer, by touch, with keys or from each chart's menu. */
export default function Board({
  shown,
  onOrder,
  onHide,
  children,
}: {
  shown: readonly ChartSlug[];
  onOrder: (shown: ChartSlug[]) => void;
  onHide: (slug: ChartSlug) => void;
  children: (slug: ChartSlug) => ReactNode;
}) {
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 150, tolerance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const accessibility = useSpoken(shown);
  const move = (from: number, to: number) => {
    if (from >= 0 && to >= 0 && to < shown.length && from !== to) onOrder(arrayMove([...shown], from, to));
  };
  const dropped = ({ active, over }: DragEndEvent) => {
    if (over) move(shown.indexOf(active.id as ChartSlug), shown.indexOf(over.id as ChartSlug));
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      accessibility={accessibility}
      onDragEnd={dropped}
    >
      <SortableContext items={[...shown]} strategy={rectSortingStrategy}>
        <ul className="grid gap-3 lg:grid-cols-2">
          {shown.map((slug, index) => (
            <Place
              key={slug}
              slug={slug}
              first={index === 0}
              last={index === shown.length - 1}
              onMove={(by) => move(index, index + by)}
              onHide={() => onHide(slug)}
            >
              {children(slug)}
            </Place>
          ))}
        </ul>
      </SortableContext>
    </DndContext>
  );
}

/** What is said while a chart is moved. */
function useSpoken(shown: readonly ChartSlug[]) {
  const { t } = useTranslation();
  return useMemo(() => {
    const title = (id: unknown) => t(`analytics.charts.${id as ChartSlug}.title`);
    const place = (id: unknown) => shown.indexOf(id as ChartSlug) + 1;
    const announcements: Announcements = {
      onDragStart: ({ active }) => t("analytics.move.lifted", { title: title(active.id) }),
      onDragOver: ({ active, over }) =>
        over
          ? t("analytics.move.over", { title: title(active.id), place: place(over.id), of: shown.length })
          : undefined,
      onDragEnd: ({ active, over }) =>
        over
          ? t("analytics.move.dropped", { title: title(active.id), place: place(over.id) })
          : t("analytics.move.cancelled", { title: title(active.id) }),
      onDragCancel: ({ active }) => t("analytics.move.cancelled", { title: title(active.id) }),
    };
    return { announcements, screenReaderInstructions: { draggable: t("analytics.move.how") } };
  }, [t, shown]);
}

function Place({
  slug,
  first,
  last,
  onMove,
  onHide,
  children,
}: {
  slug: ChartSlug;
  first: boolean;
  last: boolean;
  onMove: (by: number) => void;
  onHide: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const title = t(`analytics.charts.${slug}.title`);
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } =
    useSortable({ id: slug });
  return (
    <li
      ref={setNodeRef}
      data-chart={slug}
      style={{ transform: CSS.Translate.toString(transform), transition }}
      className={cn("min-w-0", isDragging && "relative z-20 opacity-80 shadow-xl")}
    >
      <FrameContext
        value={{
          slug,
          handle: (
            <Button
              ref={setActivatorNodeRef}
              variant="ghost"
              size="icon-sm"
              className="-ml-1.5 cursor-grab touch-none"
              {...attributes}
              {...listeners}
              aria-label={t("analytics.move.handle", { title })}
            >
              <GripVertical className="text-muted" aria-hidden />
            </Button>
          ),
          menu: (
            <DropdownMenu>
              <DropdownMenuTrigger asChild>
                <Button variant="ghost" size="icon-sm" aria-label={t("analytics.move.menu", { title })}>
                  <EllipsisVertical aria-hidden />
                </Button>
              </DropdownMenuTrigger>
              <DropdownMenuContent align="end">
                <DropdownMenuItem disabled={first} onSelect={() => onMove(-1)}>
                  <ArrowUp aria-hidden />
                  {t("analytics.move.earlier")}
                </DropdownMenuItem>
                <DropdownMenuItem disabled={last} onSelect={() => onMove(1)}>
                  <ArrowDown aria-hidden />
                  {t("analytics.move.later")}
                </DropdownMenuItem>
                <DropdownMenuItem onSelect={onHide}>
                  <EyeOff aria-hidden />
                  {t("analytics.move.hide")}
                </DropdownMenuItem>
              </DropdownMenuContent>
            </DropdownMenu>
          ),
        }}
      >
        {children}
      </FrameContext>
    </li>
  );
}
