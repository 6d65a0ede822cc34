package media

import "encoding/binary"

// What of EXIF is looked at: which way up a picture is. It is all that stays.
const (
	upright        = 1
	lastWay        = 8
	orientationTag = 0x0112
	shortType      = 3
	entryLength    = 12
	tiffHead       = 8
	// maxExif is more than any EXIF block of a picture.
	maxExif = 1 << 20
)

// orientation reads which way up a picture is from an EXIF block that begins at its TIFF header; upright when it does not say.
func orientation(tiff []byte) uint16 {
	if len(tiff) < tiffHead {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	count := int64(order.Uint16(tiff[at:]))
	for i := range count {
		entry := at + 2 + i*entryLength
		if entry+entryLength > int64(len(tiff)) {
			return upright
		}
		if order.Uint16(tiff[entry:]) == orientationTag && order.Uint16(tiff[entry+2:]) == shortType {
			if way := order.Uint16(tiff[entry+8:]); way >= upright && way <= lastWay {
				return way
			}
		}
	}
	return upright
}

// exifOf is an EXIF block that says which way up a picture is and nothing else.
func exifOf(way uint16) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01")
	b = binary.BigEndian.AppendUint16(b, orientationTag)
	b = binary.BigEndian.AppendUint16(b, shortType)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint16(b, way)
	return append(b, 0, 0, 0, 0, 0, 0)
}
