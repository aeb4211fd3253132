package cli

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zol0/zol0/internal/memory"
	"github.com/zol0/zol0/internal/sampler"
)

// selection is which services a person wants to see, and in which order.
type selection struct {
	all    bool
	sort   string
	filter string

	pattern *regexp.Regexp
}

// sortKeys are the words --sort takes, the largest or worst first but for names.
var sortKeys = map[string]func(a, b *sampler.Service) int{
	"private": byMetric(memory.Private),
	"rss":     byMetric(memory.RSS),
	"swap":    byMetric(memory.Swap),
	"threads": byMetric(memory.Threads),
	"fds":     byMetric(memory.FDs),
	"cpu":     func(a, b *sampler.Service) int { return cmp.Compare(known(b.CPU), known(a.CPU)) },
	"uptime":  func(a, b *sampler.Service) int { return cmp.Compare(b.Age, a.Age) },
	"status":  func(a, b *sampler.Service) int { return cmp.Compare(b.Status, a.Status) },
	"name":    func(*sampler.Service, *sampler.Service) int { return 0 }, // the tie-break
}

func byMetric(m memory.Metric) func(a, b *sampler.Service) int {
	return func(a, b *sampler.Service) int {
		x, _ := a.Total.Get(m)
		y, _ := b.Total.Get(m)
		return cmp.Compare(y, x)
	}
}

// known puts unknown figures last.
func known(v float64) float64 {
	if math.IsNaN(v) {
		return -1
	}
	return v
}

func (s *selection) flags(c *cobra.Command) {
	c.Flags().BoolVar(&s.all, "all", false, "show every process, watched or not, kernel threads too")
	c.Flags().StringVar(&s.sort, "sort", "private", "order by `KEY`: "+strings.Join(sortWords(), ", "))
	c.Flags().StringVar(&s.filter, "filter", "", "show only services whose name or kind fits this regular `EXPRESSION`, in any case")
	err := c.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(sortWords(), cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic("BUG: " + err.Error())
	}
}

func sortWords() []string {
	var words []string
	for w := range sortKeys {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// compile checks the words.
func (s *selection) compile() error {
	if sortKeys[s.sort] == nil {
		return usageError("use one of: "+strings.Join(sortWords(), ", "), "cannot sort by %q", s.sort)
	}
	_, err := regexp.Compile(s.filter) // for an error that shows what was typed
	if err != nil {
		return usageError("see https://pkg.go.dev/regexp/syntax; a literal dot is \\.", "bad regular expression %q in --filter: %w", s.filter, err)
	}
	s.pattern = regexp.MustCompile("(?i)" + s.filter)
	return nil
}

// choose returns the services to show. Kernel threads have no memory of their own and
// are shown with --all only.
func (s *selection) choose(snapshot *sampler.Snapshot) []sampler.Service {
	var chosen []sampler.Service
	for k := range snapshot.Services {
		v := &snapshot.Services[k]
		if !s.all && (!v.Watched || v.Kernel()) {
			continue
		}
		if s.pattern.MatchString(v.Name) || v.Kind != "" && s.pattern.MatchString(v.Kind) {
			if s.all {
				chosen = append(chosen, *v)
			} else {
				chosen = append(chosen, v.OnlyWatched())
			}
		}
	}
	order := sortKeys[s.sort]
	slices.SortStableFunc(chosen, func(a, b sampler.Service) int {
		return cmp.Or(order(&a, &b), cmp.Compare(a.Name, b.Name))
	})
	return chosen
}
