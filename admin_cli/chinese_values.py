"""What stands in the columns of a table, in Chinese: states, kinds, roles and the like, by how they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VALUES: Final[Mapping[str, str]] = {
    "abnormal": "异常", "absorbed": "已承担", "access": "使用权", "active": "启用", "address": "更换邮箱",
    "admin": "管理员", "agreed": "已同意", "all": "全部", "already_member": "已在团队中", "anyone": "所有人",
    "approved": "已批准", "asked": "待决定", "ban": "已封禁", "bound": "指定团队", "called": "已调用", "cancelinvite": "撤回邀请",
    "cancelled": "已取消", "claimed": "已预留", "closed": "已关闭", "complete": "完整", "credit": "额度", "critical": "严重",
    "cut": "被账号中断", "database": "数据库", "dead": "无法送达", "declined": "已拒绝", "dedicated": "专用",
    "deleted": "已删除", "disabled": "已停用", "done": "已完成", "empty": "空回答", "ended": "已结束", "erased": "已清除",
    "error": "错误", "expired": "已失效", "expiry": "到期", "extension": "延长", "failed": "失败",
    "fill_first": "先填满最早的团队", "free": "空闲", "general": "通用", "gone": "上游已不存在", "healthy": "正常",
    "held": "预留中", "house": "自有", "identity": "账号", "info": "提示", "invalid": "无效", "invited": "已邀请",
    "inviting": "正在邀请", "joined": "已加入", "killed": "随进程中断", "left": "对方离开", "left_early": "对方提前离开", "locked": "已锁定", "made": "已创建",
    "making": "正在创建", "manual": "手动", "member": "成员", "most_free": "空位最多优先", "move": "迁移", "never": "从未",
    "new": "新增", "none": "无", "off": "关", "offer_expired": "邀约已过期", "on": "开", "open": "待处理", "operator": "操作员",
    "owner": "所有者", "paused": "已暂停", "pending": "等待中", "plan": "套餐", "planned": "已计划", "proven": "已验证优先",
    "provider": "服务商", "ready": "待发送", "refused": "已拒绝", "reinvite": "重新邀请", "remove": "移出", "removed": "已移除",
    "removing": "正在移出", "request": "应本人申请", "resend": "重新发送邀请", "resolved": "已解除", "revoked": "已吊销",
    "rotate": "更换密钥", "round_robin": "轮流分配", "running": "进行中", "seat": "席位", "security": "安全",
    "sending": "发送中", "sent": "已发送", "served": "已获得席位", "settled": "已结算", "shared": "共享", "skipped": "已跳过",
    "staff": "工作人员处理", "stopped": "已停止", "streaming": "回答中", "suspended": "已封禁", "sync": "读取团队", "system": "系统",
    "taken": "占用", "team_capacity": "团队席位", "temporary": "临时", "transfer": "迁移", "transfer_failure": "迁移失败",
    "transferred": "已迁移", "transferring": "迁移中", "unauthorised": "非 Usher 邀请", "unclear": "确认中", "unlimited": "不限",
    "unused": "未使用", "updated": "更新", "used": "已用完", "viewer": "查看员", "waiting": "等待中", "warning": "警告",
    "whole": "完整", "would go": "将被移出",
    "absorb": "承担", "adjust": "调整", "allowance": "配额", "answering": "回答中", "assistant": "模型", "began": "已开始",
    "busy": "占用", "charge": "扣费", "claim": "预留", "ending": "正在结束", "file": "文件", "grant": "授予", "image": "图片",
    "interrupted": "已中断", "paid": "付费", "refill": "补充", "release": "退还", "unavailable": "不可用", "user": "用户",
    "voice": "语音", "command": "命令", "configuration": "配置", "default": "默认",
}  # fmt: skip
IN_COLUMN: Final[Mapping[tuple[str, str], str]] = {
    ("lease", "active"): "已加入",
    ("lease", "transferring"): "迁移中",
    ("leases", "active"): "已加入",
    ("teams", "active"): "接收新成员",
    ("ended", "refused"): "被账号拒绝",
    ("seats", "held"): "预留",
}
"""Where a column means something else by a word."""
WORDED: Final = frozenset(
    {"category", "cause", "ended", "gives", "health", "kind", "lease", "leases", "level", "outcome", "policy", "reading",
     "redemption", "result", "role", "seats", "state", "teams", "tier", "what", "what happens", "why"}
)  # fmt: skip
"""The columns, by their English headings, that hold such words."""
