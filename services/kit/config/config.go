// Package config reads a program's settings from its flags and its environment into a struct, checks them before anything is
// started, and shows what is in force without showing what is secret. The struct is declared with kong's tags; each part of
// it may have a Validate method, which sees the values with their defaults.
//
// Every flag --some-name can also be given as THROUGHTRAIN_SOME_NAME; the flag wins. It depends on kong only.
package config

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Prefix begins the names of environment variables.
const Prefix = "THROUGHTRAIN"

// ErrHelp is returned when help was asked for and has been printed: the program ends, successfully.
var ErrHelp = errors.New("help was asked for")

// Parse reads args and the environment into cli, a pointer to a struct of flags and commands. Help goes to out. The result
// tells the command chosen; programs without commands have no use for it.
func Parse(cli any, name, description string, args []string, out io.Writer, options ...kong.Option) (*kong.Context, error) {
	helped := false
	options = append([]kong.Option{
		kong.Name(name), kong.Description(description), kong.Writers(out, out),
		kong.DefaultEnvars(Prefix),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	}, options...)
	parser, err := kong.New(cli, options...)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	ctx, err := parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp // kong goes on parsing when its exit returns, and may find what help made it skip
	case err != nil:
		return nil, fmt.Errorf("settings: %w", err)
	}
	return ctx, nil
}

// Print writes the settings in force, one flag and its value a line, in the order of their declaration. Secrets are starred
// by their type; flags tagged with format:"url" lose their password.
func Print(ctx *kong.Context, out io.Writer) error {
	for _, flag := range ctx.Flags() {
		if flag.Name == "help" {
			continue
		}
		value := flag.Target.Interface()
		if flag.Tag.Get("format") == "url" {
			value = MaskURL(fmt.Sprint(value))
		}
		if _, err := fmt.Fprintf(out, "--%s=%v\n", flag.Name, value); err != nil {
			return err
		}
	}
	return nil
}
