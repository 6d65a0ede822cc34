package cityapply

import (
	"context"
	"errors"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/citypb"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// ErrNotKept is a version from before files were kept.
var ErrNotKept = fault.New(fault.NotFound, "CITY_FILES_NOT_KEPT",
	"该版本的配置文件未保存。", "The files of this version were not kept.")

// Versions returns the newest versions below one, newest first.
func (s *Service) Versions(ctx context.Context, caller authn.Caller, code string, below int64, limit int) ([]*directoryv1.CityVersion, error) {
	if err := s.ofCity(caller, code); err != nil {
		return nil, err
	}
	rows, err := s.Store.CityVersions(ctx, code, below, limit)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	out := make([]*directoryv1.CityVersion, 0, len(rows))
	for _, v := range rows {
		shown := &directoryv1.CityVersion{Name: citypb.CityName(code) + "/versions/" + strconv.FormatInt(v.Version, 10), Version: v.Version,
			ApplyTime: timestamppb.New(time.UnixMicro(v.Applied)), Reason: v.Reason, Summary: v.Summary, FilesKept: v.Kept}
		if shown.Actor, shown.ActorDisplayName, err = s.official(ctx, code, v.Actor, names); err != nil {
			return nil, err
		}
		if shown.Proposer, shown.ProposerDisplayName, err = s.official(ctx, code, v.Proposer, names); err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	return out, nil
}

// officialName looks an official's name up, once for each.
func (s *Service) officialName(ctx context.Context, code, person string, known map[string]string) (string, error) {
	if name, ok := known[person]; ok {
		return name, nil
	}
	o, err := s.Store.Official(ctx, code, person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	known[person] = o.DisplayName
	return o.DisplayName, nil
}

// Files returns the files of a version, of the newest for 0.
func (s *Service) Files(ctx context.Context, caller authn.Caller, code string, version int64) (*directoryv1.CityFiles, error) {
	if err := s.ofCity(caller, code); err != nil {
		return nil, err
	}
	config, err := s.Version(ctx, code, version)
	if err != nil {
		return nil, err
	}
	files, err := s.Store.CityFiles(ctx, code, config.GetVersion())
	if err == nil && files == nil {
		err = ErrNotKept
	}
	return &directoryv1.CityFiles{Name: citypb.CityName(code), Version: config.GetVersion(), Files: files}, err
}

// Calendar returns a year of a version's calendar day by day.
func (s *Service) Calendar(ctx context.Context, caller authn.Caller, code string, number int, version int64) (*directoryv1.Calendar, error) {
	if err := s.ofCity(caller, code); err != nil {
		return nil, err
	}
	config, err := s.Version(ctx, code, version)
	if err != nil {
		return nil, err
	}
	cal, err := worktime.Read(config.GetCalendarYears(), config.GetSeasons())
	if err != nil {
		return nil, err
	}
	year, _ := cal.Year(number)
	out := &directoryv1.Calendar{Name: citypb.CityName(code) + "/calendars/" + strconv.Itoa(number), Version: config.GetVersion(),
		Origin: string(year.Origin), Source: year.Source}
	for _, d := range worktime.Days(number) {
		day := &directoryv1.CalendarDay{Date: d.String(), Kind: dayWords[cal.DayKind(d)]}
		for _, slot := range cal.Slots(d) {
			day.Slots = append(day.Slots, slot.String())
		}
		if len(day.GetSlots()) > 0 {
			out.Workdays++
		}
		out.Days = append(out.Days, day)
	}
	return out, nil
}

// Compile returns the configuration that files would bring, and changes nothing.
func (s *Service) Compile(ctx context.Context, caller authn.Caller, code string, files []*directoryv1.CityFile) (*directoryv1.CityConfig, error) {
	c, err := s.load(caller, code, files)
	if err != nil {
		return nil, err
	}
	d, err := s.decide(ctx, caller, c, files, "", "")
	return d.next.Config, err
}

// ofCity hides a city from whoever is of another.
func (s *Service) ofCity(caller authn.Caller, code string) error {
	if _, ok := s.Config(code); !ok || caller.Kind == authn.Person && caller.City != code {
		return ErrCity
	}
	return nil
}
