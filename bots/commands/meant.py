"""What commands are called elsewhere: whoever writes one of these names is led to ours."""

from __future__ import annotations

from types import MappingProxyType

_CALLED = {
    "chats": "history list conversations threads sessions 历史 历史记录 对话 会话",
    "chats rename": "title rename name settitle 标题 改名 重命名 命名",
    "again": "regenerate redo repeat reroll 重新生成 重答",
    "again go_on": "continue more go goon resume 继续 接着写 接着说",
    "new": "clear reset restart forget newchat newthread 清空 重置 重新开始 清除",
    "wallet": "balance credit credits quota topup 余额 额度 充值",
    "wallet limit": "limit budget 限额 预算",
    "wallet lines": "transactions statement 明细 账单 流水 收支",
    "usage": "cost costs tokens spent 费用 花费 消耗",
    "savechat": "save download 保存 下载",
    "instructions": "system prompt persona role character 提示词 设定 人设 系统提示",
    "stop": "abort halt 中止 终止 停下",
}
_SAID_ALONE = {
    "wallet": "balance mybalance credits mycredit quota topup 余额 额度 充值",
    "usage": "费用 花费",
    "model": "price prices pricing 价格 价钱 多少钱 changemodel switchmodel 模型 换模型 切换模型",
    "new": "newchat newconversation newtopic 新对话 新的对话 新建对话 开新对话 清空对话",
    "chats": "mychats myconversations 对话列表 历史对话 历史记录",
    "again": "regenerate 重新回答 重新生成",
}
ALONE = MappingProxyType({name: ours for ours, names in _SAID_ALONE.items() for name in names.split()})
"""A word that, said alone, is about credit or conversations here, and nothing that a model could answer."""
MEANT = MappingProxyType({name: ours for ours, names in _CALLED.items() for name in names.split()})
"""A name that is none here → what is written instead, without its slash."""
