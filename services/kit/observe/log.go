// Package observe is how a process is seen from outside: its log, its metrics, its traces, and the admin listener that shows
// them. Personal data goes into none of these. It depends on zap, OpenTelemetry and the Prometheus client.
package observe

import (
	"fmt"
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// LogConfig chooses what is logged and how.
type LogConfig struct {
	Level  string `default:"info" enum:"debug,info,warn,error" help:"Least level that is logged: ${enum}."`
	Format string `default:"json" enum:"json,console" help:"json for machines, console for people."`
}

// NewLogger makes a logger that writes to out. Both formats encode control characters, so that no text can forge a line.
func NewLogger(c LogConfig, out io.Writer) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(c.Level)
	if err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	settings := zap.NewProductionEncoderConfig()
	settings.TimeKey, settings.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
	settings.EncodeDuration = zapcore.StringDurationEncoder
	var encoder zapcore.Encoder
	switch c.Format {
	case "json":
		encoder = zapcore.NewJSONEncoder(settings)
	case "console":
		settings.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(settings)
	default:
		return nil, fmt.Errorf("log format %q is neither json nor console", c.Format)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(out)), level)), nil
}
