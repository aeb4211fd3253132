package leak

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// weightiest terms of the evidence are explained: what is left moves little.
const weightiest = 8

// Explain says in several lines, without a newline at the end, how a verdict came about:
// the sentence, the score and what it means, the weightiest tests with what each measured
// and how far it moved the score, the stretch of time, and the caveats. format is that of
// Verdict.Sentence.
func Explain(v Verdict, format func(float64) string) string {
	var b strings.Builder
	b.WriteString(v.Sentence(format))
	if v.State != Learning && finite(v.Score) {
		all := termsOf(v.Evidence)
		capped := v.capped(&all)
		if capped {
			fmt.Fprintf(&b, "\nScore %+.1f: a line through it rises by less than is worth a word; without such growth the score is %+.1f at most.",
				v.Score, float64(noGrowth))
		} else {
			fmt.Fprintf(&b, "\nScore %+.1f: a leak with a probability of %s. From %+.1f on it is called one, if the score stays there\n",
				v.Score, probability(v.Probability()), DefaultThreshold)
			b.WriteString("(unless another threshold was set); 0 is even. The tests overlap: one alone proves nothing.")
		}
		if why := v.despite(&all); why != "" {
			b.WriteString("\n" + why)
		}
		if !capped {
			explainTerms(&b, v.Evidence, &all)
		}
		fmt.Fprintf(&b, "\nJudged on the last %s; the shape is %s.", span(v.Horizon), shapePhrases[min(v.Shape, Saturating)])
		if v.State >= Filling && v.PerWork.Value > 0 {
			w := wording{format}
			fmt.Fprintf(&b, "\nGrowth per unit of work: %s.", w.interval(v.PerWork, ""))
		}
	}
	for i, c := range v.Caveats {
		if i == 0 {
			b.WriteString("\nBear in mind:")
		}
		b.WriteString("\n  - " + c)
	}
	return b.String()
}

// capped reports that the growth is not worth a word: the score was held down, whatever
// the terms say, and they are no evidence of anything.
func (v *Verdict) capped(all *terms) bool {
	if v.Score == noGrowth {
		return true
	}
	measured := slices.ContainsFunc(v.Evidence, func(e Term) bool { return e.Name == absoluteGrowth.String() })
	return measured && v.Score < noGrowth && all[absoluteGrowth] < math.Log2(1+grainShare)
}

// grainShare is the share of the noise floor that is added to growth before its logarithm
// is taken.
const grainShare = 1. / 8

// despite says why a state is what it is although the score is lower than that takes;
// empty where it is not.
func (v *Verdict) despite(all *terms) string {
	grown := measurement{terms: *all}
	switch {
	case v.Score >= DefaultThreshold:
		return ""
	case v.State == Leaking:
		return fmt.Sprintf("The leak was confirmed earlier, at a higher score, and is not yet taken back: "+
			"that takes a score under %+.1f for a while.", DefaultThreshold-clearMargin)
	case v.State != Suspect:
		return ""
	case grown.rises():
		return "Suspect all the same: the growth stands out of the noise and goes on, and it was watched too briefly to tell it from a cache that fills."
	case v.Score >= DefaultThreshold-suspectMargin:
		return "Suspect because the score is close to that."
	}
	return "Suspect from before: the growth has not ended, and nothing has cleared it yet."
}

var shapePhrases = [...]string{
	"too short for a shape", "flat", "a sawtooth: it rises and falls back to the same floor",
	"one step, level before and after", "stairs: several rises, none of which comes back",
	"seasonal: it follows the day", "a ramp: it follows its load", "linear: it moves steadily",
	"saturating: it rises ever more slowly",
}

// saying is what tests said in the same words, and how far they moved the score together.
type saying struct {
	text   string
	weight float64
}

// explainTerms lists the weightiest terms, those for a leak first.
func explainTerms(b *strings.Builder, evidence []Term, all *terms) {
	said := sayings(evidence, all)
	for _, side := range []struct {
		sign float64
		head string
	}{{1, "For a leak:"}, {-1, "Against a leak:"}} {
		head := "\n" + side.head
		for _, s := range said {
			// What rounds to nothing moved nothing.
			if side.sign*s.weight < .05 {
				continue
			}
			b.WriteString(head)
			head = ""
			fmt.Fprintf(b, "\n  %+5.1f  %s", s.weight, s.text)
		}
	}
}

// sayings are the weightiest, weightiest first. What is no finding is left out.
func sayings(evidence []Term, all *terms) []saying {
	var said []saying
	for _, e := range evidence {
		text := phraseOf(e, all)
		if text == "" {
			continue
		}
		if i := slices.IndexFunc(said, func(s saying) bool { return s.text == text }); i >= 0 {
			said[i].weight += e.Weight
			continue
		}
		said = append(said, saying{text, e.Weight})
	}
	slices.SortStableFunc(said, func(a, b saying) int { return cmp.Compare(math.Abs(b.weight), math.Abs(a.weight)) })
	return said[:min(len(said), weightiest)]
}

// termsOf is the evidence as it was measured; terms that were left out are 0.
func termsOf(evidence []Term) terms {
	var all terms
	for _, e := range evidence {
		if k, ok := termNamed(e.Name); ok {
			all[k] = e.Value
		}
	}
	return all
}

func termNamed(name string) (term, bool) {
	for k, n := range termNames {
		if n == name {
			return term(k), true
		}
	}
	return 0, false
}

// phraseOf says what a test measured. A test of another version is named only.
func phraseOf(e Term, all *terms) string {
	if k, ok := termNamed(e.Name); ok {
		return phrases[k](e.Value, all)
	}
	return e.Name + ": " + number(e.Value)
}

// percent writes a share of one.
func percent(share float64) string { return times(share*100) + " %" }

// probability writes a probability, which is never quite certain.
func probability(p float64) string {
	switch {
	case p < .01:
		return "under 1 %"
	case p > .99:
		return "over 99 %"
	}
	return fmt.Sprintf("%.0f %%", p*100)
}

// times writes a factor with two significant digits.
func times(factor float64) string {
	switch a := math.Abs(factor); {
	case a >= 10 || a == 0:
		return fmt.Sprintf("%.0f", factor)
	case a >= 1:
		return fmt.Sprintf("%.1f", factor)
	}
	return fmt.Sprintf("%.2f", factor)
}
