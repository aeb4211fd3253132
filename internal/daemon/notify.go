package daemon

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notifier tells systemd how the daemon does (sd_notify(3)). Without systemd it does
// nothing.
type notifier struct {
	log      *slog.Logger
	watchdog time.Duration
}

func newNotifier(log *slog.Logger) notifier {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("systemd's watchdog asks for something that cannot be read", "error", err)
	}
	return notifier{log, every}
}

func (n notifier) send(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		n.log.Warn("cannot tell systemd", "state", state, "error", err)
	}
}

func (n notifier) ready()    { n.send(daemon.SdNotifyReady) }
func (n notifier) stopping() { n.send(daemon.SdNotifyStopping) }

// alive tells the watchdog that the loop runs.
func (n notifier) alive() {
	if n.watchdog > 0 {
		n.send(daemon.SdNotifyWatchdog)
	}
}

// reloading and its end frame a reload, for units of Type=notify-reload.
func (n notifier) reloading(elapsed time.Duration) {
	n.send(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", daemon.SdNotifyReloading, elapsed.Microseconds()))
}
