//! Draws the charts of a report as SVG, each once for a wide page and once for a phone.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What is drawn for whom: letters have the same size on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Wide,
    Slim,
}

/// A colour by what it stands for. The page gives each a colour for the dark by naming its light
/// one, which is what the picture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Text,
    Muted,
    Grid,
    Track,
    Time,
    Money,
    Results,
    Overdue,
}

/// What several things are compared by.
pub struct Measure {
    pub name: String,
    pub ink: Ink,
}

/// One thing that is compared: of each measure how much, and how that is written.
pub struct Bars {
    pub name: String,
    pub values: Vec<(u64, String)>,
}

/// How far something is on its way.
pub struct Way {
    pub name: String,
    pub note: String,
    /// How much there is of how much; `None` where nobody said how much there is to be.
    pub reached: Option<(u64, u64)>,
}

/// One measure over time.
pub struct Panel {
    pub measure: Measure,
    pub values: Vec<u64>,
    /// Writes a value of the scale.
    pub scale: Scale,
}

/// What the numbers of a scale are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Minutes, written as hours from two hours on.
    Minutes,
    /// Hundredths, written as whole ones.
    Cents,
    Count,
}

/// The inside of an SVG element, and how large it is.
pub struct Drawing {
    pub width: u32,
    pub height: u32,
    pub inside: String,
}

const LETTERS: i32 = 13;
const SMALL: i32 = 12;

/// How wide a letter is at most on average, in hundredths of its height.
const LETTER_WIDTH: i32 = 60;

impl Size {
    fn width(self) -> i32 {
        match self {
            Size::Wide => 860,
            Size::Slim => 336,
        }
    }
}

impl Ink {
    pub const ALL: [Ink; 8] = [
        Ink::Text,
        Ink::Muted,
        Ink::Grid,
        Ink::Track,
        Ink::Time,
        Ink::Money,
        Ink::Results,
        Ink::Overdue,
    ];

    /// The colour on white paper and the one in the dark, as `#RRGGBB`.
    pub fn colours(self) -> (&'static str, &'static str) {
        match self {
            Ink::Text => ("#1C2430", "#E7EAEE"),
            Ink::Muted => ("#566070", "#A3ADB9"),
            Ink::Grid => ("#DFE3E8", "#333C47"),
            Ink::Track => ("#E8EBEF", "#2B333D"),
            Ink::Time => ("#1B6F7A", "#5BBCC6"),
            Ink::Money => ("#B5671B", "#E3A35C"),
            Ink::Results => ("#4A7D3C", "#8CC47B"),
            Ink::Overdue => ("#A93A4F", "#EE8798"),
        }
    }

    fn rgb(self) -> RGBColor {
        let (light, _) = self.colours();
        let part = |at: usize| {
            let digits = light.get(at..at + 2).unwrap_or_default();
            u8::from_str_radix(digits, 16).unwrap_or_default()
        };
        RGBColor(part(1), part(3), part(5))
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

struct Pen<'a> {
    area: Area<'a>,
}

impl Pen<'_> {
    fn bar(&self, (x, y): (i32, i32), (width, height): (i32, i32), ink: Ink) {
        let corners = [(x, y), (x + width, y + height)];
        // Nothing that is drawn into a string can fail.
        let _ = self.area.draw(&Rectangle::new(corners, ink.rgb().filled()));
    }

    fn text(&self, at: (i32, i32), text: &str, letters: i32, ink: Ink, side: HPos) {
        // The library takes the height of a line and writes that of its letters.
        let size = f64::from(letters) * 1.24;
        let style = ("sans-serif", size)
            .into_font()
            .color(&ink.rgb())
            .pos(Pos::new(side, VPos::Center));
        let _ = self.area.draw(&Text::new(text, at, style));
    }
}

fn draw(size: Size, height: i32, with: impl FnOnce(&Pen)) -> Drawing {
    let (width, height) = (size.width().unsigned_abs(), height.max(1).unsigned_abs());
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        with(&Pen { area });
    }
    let start = svg.find('>').map_or(0, |at| at + 1);
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    Drawing {
        width,
        height,
        inside: svg.get(start..end).unwrap_or_default().to_owned(),
    }
}

/// Compares things by several measures, each with a scale of its own: side by side on a wide page,
/// one below the other on a phone.
pub fn bars(measures: &[Measure], rows: &[Bars], size: Size) -> Drawing {
    match size {
        Size::Wide => bars_side_by_side(measures, rows),
        Size::Slim => bars_below_each_other(measures, rows),
    }
}

fn most(rows: &[Bars], measure: usize) -> u64 {
    let values = rows.iter().filter_map(|row| row.values.get(measure));
    values.map(|(value, _)| *value).max().unwrap_or(0)
}

/// How long the bar of a value is; a little one can still be seen.
fn length(value: u64, most: u64, room: i32) -> i32 {
    if value == 0 || most == 0 {
        return 0;
    }
    let share = value as f64 / most as f64;
    ((share * f64::from(room)).round() as i32).max(2)
}

fn bars_side_by_side(measures: &[Measure], rows: &[Bars]) -> Drawing {
    const NAMES: i32 = 230;
    const ROW: i32 = 28;
    const HEAD: i32 = 24;
    let count = i32::try_from(measures.len()).unwrap_or(1).max(1);
    let column = (Size::Wide.width() - NAMES) / count;
    let height = HEAD + ROW * i32::try_from(rows.len()).unwrap_or(0);
    draw(Size::Wide, height, |pen| {
        for (measure, index) in measures.iter().zip(0..) {
            let left = NAMES + column * index;
            pen.text((left, 9), &measure.name, SMALL, Ink::Muted, HPos::Left);
        }
        for (row, index) in rows.iter().zip(0..) {
            let middle = HEAD + ROW * index + ROW / 2;
            let name = fitting(&row.name, NAMES - 16, LETTERS);
            pen.text((0, middle), &name, LETTERS, Ink::Text, HPos::Left);
            for (at, (measure, (value, label))) in measures.iter().zip(&row.values).enumerate() {
                let left = NAMES + column * i32::try_from(at).unwrap_or(0);
                let labels = rows.iter().filter_map(|row| row.values.get(at));
                let widest = labels.map(|(_, label)| width(label, SMALL)).max();
                let room = column - widest.unwrap_or(0) - 24;
                let length = length(*value, most(rows, at), room.max(10));
                pen.bar((left, middle - 7), (length, 14), measure.ink);
                let ink = if *value == 0 { Ink::Muted } else { Ink::Text };
                let after = if length == 0 { 0 } else { 7 };
                pen.text(
                    (left + length + after, middle),
                    label,
                    SMALL,
                    ink,
                    HPos::Left,
                );
            }
        }
    })
}

fn bars_below_each_other(measures: &[Measure], rows: &[Bars]) -> Drawing {
    const NAME: i32 = 20;
    const BAR: i32 = 17;
    const GAP: i32 = 12;
    let bars = i32::try_from(measures.len()).unwrap_or(1);
    let row_height = NAME + BAR * bars + GAP;
    let height = row_height * i32::try_from(rows.len()).unwrap_or(0) - GAP + 2;
    draw(Size::Slim, height, |pen| {
        for (row, index) in rows.iter().zip(0..) {
            let top = row_height * index;
            let name = fitting(&row.name, Size::Slim.width(), LETTERS);
            pen.text((0, top + 9), &name, LETTERS, Ink::Text, HPos::Left);
            for (at, (measure, (value, label))) in measures.iter().zip(&row.values).enumerate() {
                let middle = top + NAME + BAR * i32::try_from(at).unwrap_or(0) + BAR / 2;
                let length = length(*value, most(rows, at), Size::Slim.width() - 116);
                pen.bar((0, middle - 6), (length, 12), measure.ink);
                let text = match measure.ink {
                    // These say themselves what they are.
                    Ink::Time | Ink::Overdue => label.clone(),
                    _ if *value == 1 => format!("{label} {}", measure.name.trim_end_matches('s')),
                    _ => format!("{label} {}", measure.name),
                };
                let after = if length == 0 { 0 } else { 7 };
                let ink = if *value == 0 { Ink::Muted } else { Ink::Text };
                pen.text((length + after, middle), &text, SMALL, ink, HPos::Left);
            }
        }
    })
}

/// How far each of several things is.
pub fn ways(ways: &[Way], size: Size) -> Drawing {
    const BAR: i32 = 12;
    let is_slim = size == Size::Slim;
    let row_height = if is_slim { 66 } else { 52 };
    let height = row_height * i32::try_from(ways.len()).unwrap_or(0) - 14;
    draw(size, height, |pen| {
        for (way, index) in ways.iter().zip(0..) {
            let top = row_height * index;
            let room = size.width();
            let name_room = if is_slim {
                room
            } else {
                room - width(&way.note, SMALL) - 24
            };
            let name = fitting(&way.name, name_room, LETTERS);
            pen.text((0, top + 9), &name, LETTERS, Ink::Text, HPos::Left);
            let note = fitting(&way.note, room, SMALL);
            if is_slim {
                pen.text((0, top + 46), &note, SMALL, Ink::Muted, HPos::Left);
            } else {
                pen.text((room, top + 9), &note, SMALL, Ink::Muted, HPos::Right);
            }
            let Some((reached, target)) = way.reached else {
                pen.bar((0, top + 26), (room, 1), Ink::Grid);
                continue;
            };
            pen.bar((0, top + 22), (room, BAR), Ink::Track);
            let length = length(reached.min(target), target, room);
            pen.bar((0, top + 22), (length, BAR), Ink::Results);
        }
    })
}

/// Several measures over the same months, one below the other.
pub fn panels(panels: &[Panel], months: &[String], size: Size) -> Drawing {
    const HEAD: i32 = 26;
    const PLOT: i32 = 92;
    const GAP: i32 = 16;
    const FOOT: i32 = 22;
    const AXIS: i32 = 46;
    let panel_height = HEAD + PLOT + GAP;
    let height = panel_height * i32::try_from(panels.len()).unwrap_or(0) - GAP + FOOT;
    let count = i32::try_from(months.len()).unwrap_or(1).max(1);
    let plot = size.width() - AXIS;
    // The left end of each month, so that no rest gathers at the right.
    let left = |index: i32| AXIS + plot * index / count;
    draw(size, height, |pen| {
        for (panel, index) in panels.iter().zip(0..) {
            let top = panel_height * index;
            let base = top + HEAD + PLOT;
            let name = &panel.measure.name;
            pen.text((0, top + 9), name, LETTERS, Ink::Text, HPos::Left);
            let most = panel.values.iter().max().copied().unwrap_or(0);
            let (step, unit) = panel.scale.step(most);
            let end = most.div_ceil(step).max(1).saturating_mul(step);
            for tick in (0..=end / step).map(|line| line * step) {
                let y = base - length(tick, end, PLOT);
                pen.bar((AXIS, y), (plot, 1), Ink::Grid);
                let label = panel.scale.written(tick, unit);
                pen.text((AXIS - 8, y), &label, SMALL, Ink::Muted, HPos::Right);
            }
            for (value, at) in panel.values.iter().zip(0..) {
                let room = left(at + 1) - left(at);
                let margin = (room / 6).max(1);
                let height = length(*value, end, PLOT);
                let corner = (left(at) + margin, base - height);
                pen.bar(corner, (room - 2 * margin, height), panel.measure.ink);
            }
        }
        let widest = months.iter().map(|month| width(month, SMALL)).max();
        let each = ((widest.unwrap_or(0) + 4) * count / plot + 1).max(1);
        // The last month is always named.
        let named = (0..count).filter(|at| (count - 1 - at) % each == 0);
        for at in named {
            let Some(month) = months.get(usize::try_from(at).unwrap_or(0)) else {
                continue;
            };
            let middle = (left(at) + left(at + 1)) / 2;
            pen.text((middle, height - 8), month, SMALL, Ink::Muted, HPos::Center);
        }
    })
}

impl Scale {
    /// The distance between two lines of a scale that reaches this far, and what one of the unit
    /// that is written is.
    fn step(self, most: u64) -> (u64, u64) {
        let unit = match self {
            Scale::Minutes if most >= 120 => 60,
            Scale::Minutes | Scale::Count => 1,
            Scale::Cents => 100,
        };
        let wanted = most.div_ceil(unit).max(1);
        let mut power: u64 = 1;
        loop {
            for round in [1, 2, 5] {
                let step = power.saturating_mul(round);
                if step.saturating_mul(3) >= wanted {
                    return (step.saturating_mul(unit), unit);
                }
            }
            power = power.saturating_mul(10);
        }
    }

    fn written(self, value: u64, unit: u64) -> String {
        let number = value / unit.max(1);
        match self {
            _ if number >= 1_000_000 => format!("{} M", number / 1_000_000),
            _ if number >= 10_000 => format!("{} k", number / 1000),
            Scale::Minutes if unit == 60 => format!("{number} h"),
            Scale::Minutes => format!("{number} min"),
            Scale::Cents | Scale::Count => number.to_string(),
        }
    }
}

/// About how wide a text is.
fn width(text: &str, letters: i32) -> i32 {
    i32::try_from(text.width()).unwrap_or(i32::MAX / 1000) * letters * LETTER_WIDTH / 100
}

/// The text, cut to a room with an ellipsis where something is missing.
fn fitting(text: &str, room: i32, letters: i32) -> String {
    if width(text, letters) <= room {
        return text.to_owned();
    }
    let cells = usize::try_from(room * 100 / (letters * LETTER_WIDTH)).unwrap_or(0);
    let mut kept = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > cells {
            break;
        }
        kept.push(letter);
    }
    format!("{}…", kept.trim_end())
}
