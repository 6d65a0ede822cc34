package upload

import (
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/media"
)

// What is refused of an announcement, a piece or a part. The reasons are in the contract of every service that takes files.
var (
	ErrTooLarge = fault.New(fault.Invalid, "ATTACHMENT_TOO_LARGE",
		"文件过大：照片和语音最多 20 MB，文档最多 50 MB，请压缩后再传。",
		"The file is too large: photos and voice to 20 MB, documents to 50 MB. Make it smaller.")
	ErrNameInvalid = fault.New(fault.Invalid, "FILE_NAME_INVALID",
		"文件名不能为空，也不能含有斜杠或特殊控制字符。", "The name is empty, or has slashes or control characters in it.").
		Field("fileName", "file_name", "不是有效的文件名", "is no name of a file")
	ErrOffsetMismatch = fault.New(fault.Conflict, "UPLOAD_OFFSET_MISMATCH",
		"上传的起点与已收到的内容不一致，请从已收到的位置继续。", "The piece does not begin where the file has arrived to. Go on from there.")
	ErrBeyondEnd = fault.New(fault.Invalid, "UPLOAD_BEYOND_END",
		"上传的内容超过了所登记的文件大小。", "The piece goes beyond the size that was announced.")
	ErrOver = fault.New(fault.Precondition, "UPLOAD_OVER",
		"这个文件的上传已结束，请重新登记后再传。", "This upload is over. Announce the file anew.")
	ErrRangeInvalid = fault.New(fault.Invalid, "RANGE_INVALID",
		"所要的部分超出了文件范围。", "The part asked for is not in the file.")
	ErrTooBusy = fault.New(fault.Conflict, "TOO_BUSY",
		"这个文件正在被同时上传多次，请稍后从已收到的位置继续。", "The file is being sent several times at once. Go on in a moment from where it has arrived to.")
)

// refusals are why a judge does not take a file, by its errors.
var refusals = []struct {
	is    error
	fault *fault.Error
}{
	{ErrHash, fault.New(fault.Invalid, "ATTACHMENT_HASH_MISMATCH",
		"收到的文件与登记的不一致，请重新上传。", "What arrived is not the file that was announced. Send it anew.")},
	{media.ErrNotAllowed, fault.New(fault.Invalid, "MEDIA_NOT_ALLOWED",
		"不支持这种文件。照片请用 JPG、PNG、WebP、GIF 或 HEIC，语音请用常见录音格式，文档请用 PDF、DOCX、XLSX 或 TXT（旧版 DOC、XLS 请另存为新格式，带宏的请去掉宏）。",
		"This type of file is not taken. Photos as JPG, PNG, WebP, GIF or HEIC; voice in a usual format; documents as PDF, DOCX, XLSX or TXT (save old DOC and XLS in the new format, without macros).")},
	{media.ErrDamaged, fault.New(fault.Invalid, "MEDIA_DAMAGED",
		"文件已损坏或不完整，无法打开，请换一个文件。", "The file is damaged or cut off. Choose another one.")},
	{media.ErrTooLarge, fault.New(fault.Invalid, "MEDIA_TOO_LARGE",
		"图片尺寸或文档展开后的内容过大，请缩小后再传。", "The picture has too many pixels, or the document becomes too large when opened. Make it smaller.")},
	{media.ErrProtected, fault.New(fault.Invalid, "MEDIA_PROTECTED",
		"文件有密码或权限保护，请解除保护后再传。", "The file is protected by a password. Remove the protection.")},
	{media.ErrUncleanable, fault.New(fault.Invalid, "MEDIA_UNCLEANABLE",
		"无法去除文件中的个人信息，请另存（或打印）为 PDF，或改用图片上传。", "What the file says of people cannot be taken out. Print it to PDF anew, or send pictures of it.")},
}

// Faults are all that the package says of a file, for the test that a contract knows them.
func Faults() []*fault.Error {
	all := []*fault.Error{ErrTooLarge, ErrNameInvalid, ErrOffsetMismatch, ErrBeyondEnd, ErrOver, ErrRangeInvalid, ErrTooBusy}
	for _, r := range refusals {
		all = append(all, r.fault)
	}
	return all
}
