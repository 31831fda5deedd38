package localplatform

import "time"

func init() {
	register("environment/control", map[string]*method{
		"getsumstat": {run: (*call).getSumStat, required: []string{"envName", "duration"}, reads: true},
		"getstats":   {run: (*call).getStats, required: []string{"envName", "duration", "interval"}, reads: true},
	})
}

// statistics is the average over a period. The names are certain (the API description). That cpu is in MHz and sizes
// are in MB is a guess. Nothing is measured, see type usage: a used cloudlet counts as 400 MHz and 128 MB.
type statistics struct {
	EnvID      string  `json:"envId"`
	Duration   int     `json:"duration"` // seconds
	CPU        float64 `json:"cpu"`
	Mem        float64 `json:"mem"`
	Disk       float64 `json:"disk"`
	NetInExt   float64 `json:"netInExt"`
	NetOutExt  float64 `json:"netOutExt"`
	NetInInt   float64 `json:"netInInt"`
	NetOutInt  float64 `json:"netOutInt"`
	IopsUsed   float64 `json:"iops_used"`
	DiskIOUsed float64 `json:"disk_io_used"`
}

type statisticsAnswer struct {
	Result         int          `json:"result"`
	AppID          string       `json:"appid"`
	Status         int          `json:"status"`
	IsTransferring bool         `json:"isTransferring"`
	Stats          []statistics `json:"stats"`
}

// getSumStat returns one average over the whole duration.
func (c *call) getSumStat() (any, error) {
	duration, err := c.integer("duration")
	if err != nil {
		return nil, err
	}
	return c.statistics(duration, duration)
}

// getStats returns an average for each interval, the earliest first.
func (c *call) getStats() (any, error) {
	duration, err := c.integer("duration")
	if err != nil {
		return nil, err
	}
	interval, err := c.integer("interval")
	if err != nil {
		return nil, err
	}
	return c.statistics(duration, interval)
}

// mostIntervals limits the number of intervals in an answer.
const mostIntervals = 10000

// statistics covers a number of seconds before endtime, or before now.
func (c *call) statistics(duration, interval int) (any, error) {
	if duration <= 0 || interval <= 0 || duration/interval > mostIntervals {
		return nil, invalid("duration", "[%d] seconds in intervals of [%d] are not possible", duration, interval)
	}
	answer := statisticsAnswer{Stats: []statistics{}}
	err := c.view(func(t *tx) error {
		env, err := c.environment(t)
		if err != nil {
			return err
		}
		end := t.now
		if c.value("endtime") != "" {
			if end, err = c.parseTime("endtime"); err != nil {
				return err
			}
		}
		answer.AppID, answer.Status = env.AppID, env.status(t.instantOf(env))
		at := end.Add(-time.Duration(duration) * time.Second)
		for at.Before(end) {
			next := at.Add(time.Duration(interval) * time.Second)
			if next.After(end) {
				next = end
			}
			one, err := t.average(env, at, next)
			if err != nil {
				return err
			}
			answer.Stats = append(answer.Stats, one)
			at = next
		}
		return nil
	})
	return answer, err
}

// average returns the average usage of an environment between two instants.
func (t *tx) average(env *environment, from, to time.Time) (statistics, error) {
	length := to.Sub(from)
	s := statistics{EnvID: env.AppID, Duration: int(length / time.Second)}
	err := t.spans(from, to, func(one span) {
		if one.usage.Name != env.Name {
			return
		}
		share := float64(one.overlap(from, to)) / float64(length)
		for _, l := range one.usage.Layers {
			s.CPU += float64(l.Used) * 400 * share
			s.Mem += float64(l.Used) * 128 * share
			s.Disk += float64(l.DiskGB) * 100 * share
		}
	})
	s.CPU, s.Mem, s.Disk = rounded(s.CPU), rounded(s.Mem), rounded(s.Disk)
	return s, err
}
